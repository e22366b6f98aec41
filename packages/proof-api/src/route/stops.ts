import { ProofApiError } from '../errors.ts';
import type { EmitEvent, StopReason } from '../events.ts';

export interface Stop {
  readonly reason: StopReason;
  readonly detail: string;
  /** Reads the disputed thing again: true when the own reading now says what the quorum signed. */
  readonly agreesAgain?: (() => Promise<boolean>) | undefined;
}

/**
 * Stopped clients remembered. Anybody can make clients and dispute them; a further one is not remembered, and every
 * request for it runs into its dispute anew.
 */
const MAX_STOPS = 1_000;

/**
 * Clients of one route that are no longer served. A stop belongs to one client, not to the route: whoever makes a
 * client with a set of his own could otherwise stop everybody else's packets. It ends when the own reading of the very
 * thing in dispute agrees with the quorum (then the own RPC was at fault, and has healed), when an operator clears it,
 * or at a restart; its evidence stays.
 */
export class Stops {
  readonly #route: { readonly source: string; readonly dest: string };
  readonly #emit: EmitEvent;
  readonly #stops = new Map<string, Stop>();

  constructor(route: { readonly source: string; readonly dest: string }, emit: EmitEvent) {
    this.#route = route;
    this.#emit = emit;
  }

  get all(): ReadonlyMap<string, Stop> {
    return this.#stops;
  }

  /** Stops a client. Two quorums outweigh what may be the own RPC's fault: only they replace an earlier reason. */
  stop(clientId: string, stop: Stop): void {
    const earlier = this.#stops.get(clientId);
    if (earlier !== undefined && (stop.reason !== 'two-quorums' || earlier.reason === stop.reason)) return;
    if (earlier === undefined && this.#stops.size >= MAX_STOPS) return;
    this.#stops.set(clientId, stop);
    const replaces = earlier !== undefined;
    this.#emit({ type: 'stopped', ...this.#route, clientId, reason: stop.reason, detail: stop.detail, replaces });
  }

  /** Serves a client again. */
  clear(clientId: string): boolean {
    const stop = this.#stops.get(clientId);
    if (stop === undefined) return false;
    this.#stops.delete(clientId);
    this.#emit({ type: 'resumed', ...this.#route, clientId, reason: stop.reason, detail: stop.detail });
    return true;
  }

  /** @throws ProofApiError `proof-api/route-stopped` */
  async assertOpen(clientId: string): Promise<void> {
    const stop = this.#stops.get(clientId);
    if (stop === undefined) return;
    // A node that cannot be read now settles nothing.
    if ((await stop.agreesAgain?.().catch(() => false)) === true) {
      this.clear(clientId);
      return;
    }
    throw stopError(this.#route, clientId, stop);
  }
}

/** What a caller of a stopped client is told. */
export const stopError = (
  { source, dest }: { readonly source: string; readonly dest: string },
  clientId: string,
  { reason, detail }: Stop,
): ProofApiError =>
  new ProofApiError('proof-api/route-stopped', `${source} -> ${dest}, client ${clientId}: ${reason}: ${detail}`, {
    meta: { source, dest, clientId, reason },
  });
