/** How full something is in which work waits. Every queue of the watchdog has a limit. */
export interface QueueFill {
  /** The label `queue` of its metrics. */
  readonly queue: string;
  readonly fill: number;
  readonly limit: number;
}
