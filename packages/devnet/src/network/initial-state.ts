import { type AttestorSet, createAttestorSet } from '@interchain-attestation/core';
import { type AttestorEndpoint, attestInitialState, type InitialState } from '@interchain-attestation/deploy';
import { attestor } from '@interchain-attestation/proto';
import { createGrpcClient } from '@interchain-attestation/service';
import type { Layout, NetworkChain } from './layout.ts';

/** Whom clients of a chain believe. */
export const setOf = (layout: Layout, of: NetworkChain): AttestorSet =>
  createAttestorSet(
    layout.attestors.filter(({ chain }) => chain === of).map(({ key }) => key.address),
    layout.quorum,
  );

/** A first state for clients of a chain, signed by its attestors. */
export const signedState = async (layout: Layout, of: NetworkChain): Promise<InitialState> => {
  const sources = layout.attestors.filter(({ chain }) => chain === of);
  const clients = sources.map(({ address }) => createGrpcClient(attestor.AttestationService, { address }));
  const endpoints = sources.map((source, index): AttestorEndpoint => {
    const rpc = clients[index] as (typeof clients)[number];
    return {
      name: source.name,
      address: source.key.address,
      latestHeight: async (signal) => (await rpc.latestHeight({}, { signal })).height,
      stateAttestation: async (height, signal) => {
        const { attestation } = await rpc.stateAttestation({ height }, { signal });
        return {
          attestedData: attestation?.attestedData ?? new Uint8Array(),
          signature: attestation?.signature ?? new Uint8Array(),
        };
      },
    };
  });
  try {
    return await attestInitialState(endpoints, setOf(layout, of));
  } finally {
    for (const client of clients) client.close();
  }
};
