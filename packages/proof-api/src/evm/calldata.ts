import { concatBytes, utf8ToBytes } from '@interchain-attestation/core';
import type { Item } from '../domain/item.ts';
import { bytesArray, selector, tail, tuple, word } from './words.ts';

const PAYLOAD = '(string,string,string,string,bytes)';
const PACKET = `(uint64,string,string,uint64,${PAYLOAD}[])`;
const HEIGHT = '(uint64,uint64)';

const SELECTORS = {
  updateClient: selector('updateClient(string,bytes)'),
  receive: selector(`recvPacket((${PACKET},bytes,${HEIGHT}))`),
  acknowledge: selector(`ackPacket((${PACKET},bytes,bytes,${HEIGHT}))`),
  timeout: selector(`timeoutPacket((${PACKET},bytes,${HEIGHT}))`),
  multicall: selector('multicall(bytes[])'),
} as const;

/** Calldata of router.updateClient. */
export const encodeUpdateClient = (clientId: string, proof: Uint8Array): Uint8Array =>
  concatBytes(SELECTORS.updateClient, tuple({ tail: tail(utf8ToBytes(clientId)) }, { tail: tail(proof) }));

/**
 * Calldata of router.recvPacket, ackPacket or timeoutPacket. A packet's ABI form is part of the message as it is, but
 * for its leading offset word.
 * @param proof abi.encode(AttestationProof), or empty where an earlier proof of the transaction covers the item
 */
export const encodeMessage = (item: Item, proof: Uint8Array, height: bigint): Uint8Array => {
  const packet = { tail: item.encoded.subarray(32) };
  const revision = 0n;
  const message =
    item.kind === 'acknowledge'
      ? tuple(
          packet,
          { tail: tail(item.acknowledgements[0] ?? new Uint8Array()) },
          { tail: tail(proof) },
          revision,
          height,
        )
      : tuple(packet, { tail: tail(proof) }, revision, height);
  return concatBytes(SELECTORS[item.kind], word(32), message);
};

/** Calldata of router.multicall. */
export const encodeMulticall = (calls: readonly Uint8Array[]): Uint8Array =>
  concatBytes(SELECTORS.multicall, word(32), bytesArray(calls));
