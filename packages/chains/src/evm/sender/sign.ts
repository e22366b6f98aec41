import { type Address, bytesToHex, type Hex, hexToBytes, keccak256 } from '@interchain-attestation/core';
import { serializeTransaction } from 'viem';
import type { Signer } from '../../ports.ts';
import type { Fees } from './fees.ts';

/** What a transaction does, apart from who sends it when at which price. */
export interface PreparedCall {
  readonly to: Address;
  readonly data: Hex;
  readonly gas: bigint;
}

/** A transaction ready to be broadcast. */
export interface SignedTransaction {
  readonly txId: Hex;
  readonly raw: Hex;
  readonly bytes: number;
}

const unsigned = (chainId: number, call: PreparedCall, nonce: number, fees: Fees) =>
  ({ type: 'eip1559', chainId, nonce, ...call, ...fees }) as const;

export const signTransaction = async (
  signer: Signer,
  chainId: number,
  call: PreparedCall,
  nonce: number,
  fees: Fees,
): Promise<SignedTransaction> => {
  const transaction = unsigned(chainId, call, nonce, fees);
  const signature = await signer.signEvmTransaction(hexToBytes(serializeTransaction(transaction)));
  const raw = serializeTransaction(transaction, signature);
  const bytes = hexToBytes(raw);
  return { txId: bytesToHex(keccak256(bytes)), raw, bytes: bytes.length };
};

const WIDE = 2n ** 64n;

/** Upper bound of the signed size of a call, before its nonce, gas and fees are known; at most some 40 bytes above. */
export const maxSignedBytes = (chainId: number, to: Address, data: Hex): number => {
  const fees = { maxFeePerGas: WIDE, maxPriorityFeePerGas: WIDE };
  const call = { to, data, gas: 2n ** 32n };
  const word: Hex = `0x${'ff'.repeat(32)}`;
  const raw = serializeTransaction(unsigned(chainId, call, 2 ** 32, fees), { r: word, s: word, yParity: 1 });
  return raw.length / 2 - 1;
};
