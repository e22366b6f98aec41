import type { ServerCall } from './server-call.ts';

/** What a server does with the calls of one path. */
export interface Route {
  open(call: ServerCall): {
    onMessage(message: Buffer): void;
    onEnd(): void;
  };
}
