import type { comet38 } from '@cosmjs/tendermint-rpc';
import { bytesToHex, type Hex, hexToBytes, sha256 } from '@interchain-attestation/core';
import { ChainError } from '../../errors.ts';
import { RpcResponseError } from '../../rpc/response-error.ts';
import type { CometLane } from '../rpc/comet-rpc.ts';
import { nodeText } from '../rpc/node-error.ts';

/** An included transaction. */
export type CosmosTransaction = comet38.TxResponse;

export const assertTxId = (txId: string): Hex => {
  if (/^0x[0-9a-f]{64}$/i.test(txId)) return txId.toLowerCase() as Hex;
  throw new ChainError('chain/invalid-input', 'a transaction id is 32 bytes of 0x hex', {
    meta: { txId: txId.slice(0, 80) },
  });
};

/**
 * Looks a transaction up; undefined when the node does not know it (yet: it indexes a block after committing it).
 * @throws RpcResponseError, Error for an answer about another transaction
 */
export const readTransaction = async (lane: CometLane, txId: Hex): Promise<CosmosTransaction | undefined> => {
  let found: CosmosTransaction;
  try {
    found = await lane.comet.tx({ hash: hexToBytes(txId), prove: false });
  } catch (error) {
    if (error instanceof RpcResponseError && /^tx \([0-9a-f]*\) not found/i.test(nodeText(error))) return undefined;
    throw error;
  }
  assertHash(found, txId);
  return found;
};

/** The hash is that of the bytes: what the node says about one transaction must not be taken for another's. */
const assertHash = (found: CosmosTransaction, txId: Hex): void => {
  const hash = bytesToHex(sha256(found.tx));
  if (hash !== bytesToHex(found.hash) || hash !== txId) throw new Error(`asked for transaction ${txId}, got ${hash}`);
};

/** Where the block of this hash stands; undefined when the node has none. */
export const heightOfBlock = async (lane: CometLane, hash: Hex): Promise<bigint | undefined> => {
  const params = JSON.stringify({ hash: Buffer.from(hexToBytes(hash)).toString('base64') });
  const found = (await lane.calls.call('block_by_hash', params)) as {
    readonly block?: { readonly header?: { readonly height?: unknown } } | null;
  } | null;
  if (found?.block === undefined || found.block === null) return undefined;
  const height = found.block.header?.height;
  if (typeof height !== 'string' || !/^[1-9]\d{0,18}$/.test(height)) throw new Error('a block without a height');
  return BigInt(height);
};
