import type { AttestConfig, ClientEntry } from '../config/types.ts';

/** The clients of all connections: each is a direction, from the chain it tracks to the chain that holds it. */
export const allClients = (config: AttestConfig): readonly ClientEntry[] =>
  Object.values(config.connections).flatMap(({ clients }) => clients);
