import type { PortMove } from '../../domain/alternative-port.ts';
import type { Variable } from '../../domain/env-change.ts';

/** What is to be different about a container that is made again. */
export interface BlueprintChange {
  /** The container whose network namespace to share instead, where the one it names was replaced. */
  readonly networkParent?: string;
  /** Of the image that its image's name leads to now, in place of the one that it runs. */
  readonly image?: 'newest';
  /** Other ports of the host. Compose takes the container for one that its file does not describe, until its next `up`. */
  readonly ports?: readonly PortMove[];
  /** A variable that it is to have. */
  readonly variable?: Variable;
}
