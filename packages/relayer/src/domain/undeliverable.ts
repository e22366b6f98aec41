import type { Packet } from '@interchain-attestation/core';

/**
 * Why the destination can never take a packet, whoever brings it; undefined when nothing in the packet says so. Its
 * source can still time it out. The EVM router takes one payload a packet. Source: wire format, section 4.
 */
export const undeliverableReason = ({ payloads }: Packet, destKind: 'evm' | 'cosmos'): string | undefined =>
  destKind === 'evm' && payloads.length !== 1
    ? `undeliverable: ${payloads.length} payloads, and an EVM router takes packets of one: waits for its timeout`
    : undefined;
