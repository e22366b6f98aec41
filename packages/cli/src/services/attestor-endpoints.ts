import type { AttestorEndpoint } from '@interchain-attestation/deploy';
import { attestor } from '@interchain-attestation/proto';
import { createGrpcClient } from '@interchain-attestation/service';
import type { AttestConfig } from '../config/types.ts';

/** Attestors of the configuration as something that can be asked. `close` ends the connections. */
export const connectAttestors = (
  config: AttestConfig,
  names: readonly string[],
): { readonly endpoints: readonly AttestorEndpoint[]; close(): void } => {
  const clients = names.flatMap((name) => {
    const entry = config.attestors[name];
    return entry === undefined
      ? []
      : [{ name, entry, rpc: createGrpcClient(attestor.AttestationService, { address: entry.url }) }];
  });
  return {
    endpoints: clients.map(({ name, entry, rpc }) => ({
      name,
      address: entry.address,
      latestHeight: async (signal) => (await rpc.latestHeight({}, { signal })).height,
      stateAttestation: async (height, signal) => {
        const { attestation } = await rpc.stateAttestation({ height }, { signal });
        return {
          attestedData: attestation?.attestedData ?? new Uint8Array(),
          signature: attestation?.signature ?? new Uint8Array(),
        };
      },
    })),
    close: () => {
      for (const { rpc } of clients) rpc.close();
    },
  };
};
