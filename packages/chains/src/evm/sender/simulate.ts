import { type Address, bytesToHex, type Hex, parseAddress } from '@interchain-attestation/core';
import { ChainError } from '../../errors.ts';
import type { Simulation, TransactionLimits, UnsignedTransaction } from '../../ports.ts';
import type { Batcher } from '../../rpc/batcher.ts';
import { RpcResponseError } from '../../rpc/response-error.ts';
import { callFailureOf } from '../contracts/revert.ts';
import { parseQuantity, toQuantity } from '../rpc/quantity.ts';
import { maxSignedBytes } from './sign.ts';

/** A transaction with its parts checked. */
export interface Target {
  readonly to: Address;
  readonly data: Hex;
}

/** @throws ChainError `chain/invalid-input` */
export const toTarget = ({ tx, address }: UnsignedTransaction): Target => {
  try {
    return { to: parseAddress(address), data: bytesToHex(tx) };
  } catch (cause) {
    throw new ChainError('chain/invalid-input', `transaction goes to no EVM address: ${address.slice(0, 80)}`, {
      cause,
    });
  }
};

/** From this size on, one execution instead of the many of a gas estimate is worth an over-estimate. */
const LARGE_CALL_BYTES = 8_192;
/** A block gives back at most a fifth of the gas that a transaction used (EIP-3529), and the limit must hold it all. */
const withRefund = (gasUsed: bigint): bigint => (gasUsed * 5n) / 4n;
/** Method not found, or not supported (EIP-1474). */
const UNKNOWN_METHOD: ReadonlySet<number> = new Set([-32601, -32004]);
/** Nodes that do not know eth_simulateV1. */
const withoutSimulate = new WeakSet<Batcher>();

/**
 * Gas that a call surely gets by with, from a single execution: an estimate searches for the least limit, which takes a
 * node about a second for a transaction of 7 million gas. Undefined when it fails, or when the node cannot tell.
 */
const gasOfOneRun = async (rpc: Batcher, call: string): Promise<bigint | undefined> => {
  if (withoutSimulate.has(rpc)) return undefined;
  try {
    const answer = await rpc.call('eth_simulateV1', `[{"blockStateCalls":[{"calls":[${call}]}]},"latest"]`);
    const [block] = answer as readonly { readonly calls?: readonly { status?: unknown; gasUsed?: unknown }[] }[];
    const run = block?.calls?.[0];
    return run?.status === '0x1' ? withRefund(parseQuantity(run.gasUsed, 'gas used')) : undefined;
  } catch (error) {
    if (error instanceof RpcResponseError && UNKNOWN_METHOD.has(error.rpcCode)) withoutSimulate.add(rpc);
    return undefined;
  }
};

/** Runs a transaction against the newest state, within what one transaction may take. @throws RpcResponseError, ChainError */
export const simulate = async (
  rpc: Batcher,
  chainId: number,
  from: Address,
  { to, data }: Target,
  limits: TransactionLimits,
): Promise<Simulation> => {
  const bytes = maxSignedBytes(chainId, to, data);
  if (bytes > limits.maxTxBytes) {
    return { ok: false, reason: 'too-large', message: `${bytes} bytes signed, the limit is ${limits.maxTxBytes}` };
  }
  const call = JSON.stringify({ from, to, data, gas: toQuantity(limits.maxTxGas) });
  try {
    const enough = bytes < LARGE_CALL_BYTES ? undefined : await gasOfOneRun(rpc, call);
    if (enough !== undefined && enough <= limits.maxTxGas) return { ok: true, gas: enough, bytes };
    // By name: left out, some nodes take the pending block, where transactions that may come after ours have run already.
    const gas = parseQuantity(await rpc.call('eth_estimateGas', `[${call},"latest"]`), 'gas estimate');
    if (gas <= limits.maxTxGas) return { ok: true, gas, bytes };
    return { ok: false, reason: 'out-of-gas', message: `takes ${gas} gas, the limit is ${limits.maxTxGas}` };
  } catch (error) {
    const failure = callFailureOf(error);
    if (failure === undefined) throw error;
    return { ok: false, reason: failure.name, message: failure.message };
  }
};

/** The error that a failed simulation makes of `submit`. */
export const simulationError = (simulation: Extract<Simulation, { ok: false }>): ChainError => {
  const code = simulation.reason === 'too-large' ? 'chain/tx-too-large' : 'chain/simulation-failed';
  return new ChainError(code, `the transaction would fail: ${simulation.message}`, {
    meta: { reason: simulation.reason },
  });
};
