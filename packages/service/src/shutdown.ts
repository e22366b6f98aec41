import type { Logger } from './log/logger.ts';

/** One thing to close. */
export interface ShutdownHandler {
  readonly name: string;
  close(): Promise<void> | void;
}

export interface ShutdownOptions {
  readonly logger: Logger;
  /** How long closing may take before the process ends anyway. Default 10,000. */
  readonly graceMs?: number;
  /** Ends the process. Default `process.exit`. */
  readonly exit?: (code: number) => void;
  /** Where signals come from. Default `process`. */
  readonly signals?: Pick<NodeJS.EventEmitter, 'on' | 'removeListener'>;
}

export interface Shutdown {
  /** Starts the shutdown as a signal would, and resolves when it is done. */
  now(exitCode?: number): Promise<void>;
  /** Stops listening to signals and waiting for handlers that hang. */
  dispose(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * On SIGINT or SIGTERM closes the handlers one after the other, last started first, and ends the process with 0; with
 * 1 when a handler failed or the grace ran out. A second signal ends it at once. Call it in the program's entry only.
 * @param handlers in the order in which they were started; the list may grow later
 */
export const installShutdown = (handlers: readonly ShutdownHandler[], options: ShutdownOptions): Shutdown => {
  const { logger, graceMs = 10_000, exit = (code) => process.exit(code), signals = process } = options;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const closeAll = async (): Promise<boolean> => {
    let ok = true;
    for (const handler of [...handlers].reverse()) {
      try {
        await handler.close();
      } catch (err) {
        ok = false;
        logger.error({ err, handler: handler.name }, 'closing failed');
      }
    }
    return ok;
  };
  const run = async (exitCode: number): Promise<void> => {
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => {
        logger.error({ graceMs }, 'closing took too long');
        resolve(false);
      }, graceMs);
    });
    const ok = await Promise.race([closeAll(), late]);
    clearTimeout(timer);
    exit(ok ? exitCode : 1);
  };
  const now = (exitCode = 0): Promise<void> => {
    running ??= run(exitCode);
    return running;
  };
  const onSignal = (signal: string): void => {
    if (running !== undefined) {
      exit(1);
      return;
    }
    logger.info({ signal }, 'shutting down');
    void now();
  };
  for (const signal of SIGNALS) signals.on(signal, onSignal);
  return {
    now,
    dispose: () => {
      clearTimeout(timer);
      for (const signal of SIGNALS) signals.removeListener(signal, onSignal);
    },
  };
};
