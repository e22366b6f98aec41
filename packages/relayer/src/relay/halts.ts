import type { Clock } from '@interchain-attestation/chains';
import { RelayerError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Halt, HaltStore } from '../store/halts.ts';

/** Stops routes, durably: a halted route sends nothing until an operator resumes it. */
export interface Halts {
  isHalted(routeId: string): boolean;
  /** True when the route is halted and a restart would know it. */
  isStored(routeId: string): boolean;
  list(): readonly Halt[];
  /** Returns when the halt is stored; called again after it failed, it is stored then. */
  halt(routeId: string, code: string, reason: string): Promise<void>;
  /** @throws RelayerError `relayer/unknown-route` when the route is not halted */
  resume(routeId: string): Promise<void>;
}

/** Loads the halts that a former run left. */
export const loadHalts = async (store: HaltStore, clock: Clock, emit: Emit): Promise<Halts> => {
  const halted = new Map((await store.list()).map((halt) => [halt.routeId, halt]));
  for (const { routeId, code, reason } of halted.values()) emit({ type: 'route-halted', routeId, code, reason });
  /** Halts that the store did not take yet. */
  const unsaved = new Set<string>();
  return {
    isHalted: (routeId) => halted.has(routeId),
    isStored: (routeId) => halted.has(routeId) && !unsaved.has(routeId),
    list: () => [...halted.values()],
    halt: async (routeId, code, reason) => {
      const known = halted.get(routeId);
      if (known !== undefined && !unsaved.has(routeId)) return;
      const halt = known ?? { routeId, code, reason, atMs: clock.now() };
      // In memory first: nothing may be sent while the store is written, or when it fails.
      unsaved.add(routeId);
      halted.set(routeId, halt);
      if (known === undefined) emit({ type: 'route-halted', routeId, code, reason });
      await store.add(halt);
      unsaved.delete(routeId);
    },
    resume: async (routeId) => {
      if (!halted.has(routeId)) {
        throw new RelayerError('relayer/unknown-route', `no halted route named ${routeId}`, { meta: { routeId } });
      }
      await store.remove(routeId);
      unsaved.delete(routeId);
      halted.delete(routeId);
      emit({ type: 'route-resumed', routeId });
    },
  };
};
