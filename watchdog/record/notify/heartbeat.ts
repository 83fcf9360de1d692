import type { Logger } from '../../adapters/logger.ts';
import type { SendHttp } from '../../adapters/send-http.ts';

/**
 * A dead man's switch: somebody else's clock that raises the alarm when these calls end. Called after each round that
 * worked, so it falls silent as well when the engine cannot be asked.
 */
export class Heartbeat {
  readonly #address: () => string | undefined;
  readonly #send: SendHttp;
  readonly #logger: Logger;
  #underWay = false;
  #failing = false;

  constructor(address: () => string | undefined, send: SendHttp, logger: Logger) {
    this.#address = address;
    this.#send = send;
    this.#logger = logger;
  }

  /** Returns at once; never throws. */
  beat(): void {
    const url = this.#address();
    if (url === undefined || this.#underWay) return;
    this.#underWay = true;
    void this.#call(url).finally(() => {
      this.#underWay = false;
    });
  }

  async #call(url: string): Promise<void> {
    const trouble = await this.#send({ method: 'GET', url }).then(
      ({ status }) => (status >= 200 && status < 300 ? undefined : `HTTP ${status}`),
      error => (error instanceof Error ? error.message : String(error)),
    );
    if (trouble !== undefined && !this.#failing) this.#logger.warn('heartbeat not delivered', { reason: trouble });
    if (trouble === undefined && this.#failing) this.#logger.info('heartbeat is delivered again', {});
    this.#failing = trouble !== undefined;
  }
}
