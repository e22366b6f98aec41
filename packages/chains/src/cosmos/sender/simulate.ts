import { SimulateRequest, SimulateResponse } from 'cosmjs-types/cosmos/tx/v1beta1/service';
import { ChainError } from '../../errors.ts';
import { safeNodeText } from '../../evm/rpc/response-error.ts';
import type { CometRpc } from '../rpc/comet-rpc.ts';
import { malformed } from '../rpc/node-error.ts';
import { type Refusal, toRefusal } from './check-tx.ts';

export type SimulationOutcome =
  | { readonly ok: true; readonly gasUsed: bigint }
  | { readonly ok: false; readonly refusal: Refusal };

const SIMULATE = '/cosmos.tx.v1beta1.Service/Simulate';

/**
 * Runs an unsigned transaction against the newest state, with what waits in the mempool for the account's sequence.
 * The gRPC method loses a failure's code on its way through gRPC; the SDK's own path, asked second, keeps it.
 */
export const simulateTransaction = async (rpc: CometRpc, txBytes: Uint8Array): Promise<SimulationOutcome> => {
  const { comet } = rpc.transactions;
  const request = SimulateRequest.encode(SimulateRequest.fromPartial({ txBytes })).finish();
  const answer = await rpc.outage(comet.abciQuery({ path: SIMULATE, data: request, prove: false }));
  if (answer.code === 0) {
    try {
      const gasUsed = SimulateResponse.decode(answer.value).gasInfo?.gasUsed;
      if (gasUsed !== undefined) return { ok: true, gasUsed };
    } catch (error) {
      throw malformed(rpc.origin, `${SIMULATE} does not decode`, error);
    }
    throw malformed(rpc.origin, `${SIMULATE} answered without gas`);
  }
  const log = safeNodeText(typeof answer.log === 'string' ? answer.log : '');
  if (answer.code === undefined || /unknown query path|panicked/i.test(log)) {
    throw new ChainError('chain/unavailable', `RPC at ${rpc.origin} cannot simulate: ${log}`, {
      meta: { origin: rpc.origin, kind: 'query', path: SIMULATE },
      retryable: /panicked/i.test(log),
    });
  }
  const refusal = toRefusal(undefined, undefined, log);
  if (refusal.expectedSequence !== undefined || refusal.reason === 'out-of-gas') return { ok: false, refusal };
  const exact = await rpc.outage(comet.abciQuery({ path: '/app/simulate', data: txBytes, prove: false }));
  const named = toRefusal(exact.code, exact.codespace, exact.log);
  // It may succeed the second time (a block came between), or not know the path: then the text is all there is.
  const usable = exact.code !== undefined && exact.code !== 0 && !/unknown query/i.test(named.message);
  return { ok: false, refusal: usable ? named : refusal };
};
