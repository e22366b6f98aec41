import type { ServerCall } from './server-call.ts';

/** What a server does with the calls of one path. */
export interface Route {
  /** Its requests end by themselves, and may be cut off when they do not. */
  readonly unary: boolean;
  open(call: ServerCall): {
    onMessage(message: Buffer): void;
    onEnd(): void;
  };
}
