import { SimulateRequest, SimulateResponse } from 'cosmjs-types/cosmos/tx/v1beta1/service';
import { ChainError } from '../../errors.ts';
import { safeNodeText } from '../../rpc/response-error.ts';
import { encodeMessage } from '../encode-message.ts';
import type { CometRpc } from '../rpc/comet-rpc.ts';
import { malformed } from '../rpc/node-error.ts';
import { type Refusal, toRefusal } from './check-tx.ts';

export type SimulationOutcome =
  | { readonly ok: true; readonly gasUsed: bigint }
  | { readonly ok: false; readonly refusal: Refusal };

interface Way {
  readonly path: string;
  encode(txBytes: Uint8Array): Uint8Array;
  /** Gas from the answer; throws or gives undefined where it holds none. */
  gasOf(value: Uint8Array): bigint | undefined;
  /** Whether code and codespace of a failure are those of the module that refused. */
  readonly namesCode: boolean;
}

/** The SDK's own path: keeps the code of a failure, and answers whatever services a node has switched on. */
const APP: Way = {
  path: '/app/simulate',
  encode: (txBytes) => txBytes,
  gasOf(value) {
    const answer = JSON.parse(Buffer.from(value).toString('utf8')) as { gas_info?: { gas_used?: unknown } } | null;
    const gas = answer?.gas_info?.gas_used;
    return typeof gas === 'string' && /^[0-9]{1,20}$/.test(gas) ? BigInt(gas) : undefined;
  },
  namesCode: true,
};

/** The gRPC method: what other applications offer. Only the text of a failure survives its way through gRPC. */
const SERVICE: Way = {
  path: '/cosmos.tx.v1beta1.Service/Simulate',
  encode: (txBytes) => encodeMessage(SimulateRequest, SimulateRequest.fromPartial({ txBytes })),
  gasOf: (value) => SimulateResponse.decode(value).gasInfo?.gasUsed,
  namesCode: false,
};

const UNKNOWN_PATH = /unknown (query )?path|unknown query/i;

const ask = async (rpc: CometRpc, way: Way, txBytes: Uint8Array): Promise<SimulationOutcome | 'unknown-path'> => {
  const { path } = way;
  const query = { path, data: way.encode(txBytes), prove: false };
  const answer = await rpc.outage(rpc.transactions.comet.abciQuery(query));
  if (answer.code === 0) {
    let gasUsed: bigint | undefined;
    try {
      gasUsed = way.gasOf(answer.value);
    } catch (error) {
      throw malformed(rpc.origin, `${path} does not decode`, error);
    }
    if (gasUsed === undefined) throw malformed(rpc.origin, `${path} answered without gas`);
    return { ok: true, gasUsed };
  }
  const log = safeNodeText(typeof answer.log === 'string' ? answer.log : '');
  if (answer.code === undefined) throw malformed(rpc.origin, `${path} answered without a code`);
  if (UNKNOWN_PATH.test(log)) return 'unknown-path';
  return {
    ok: false,
    refusal: way.namesCode ? toRefusal(answer.code, answer.codespace, log) : toRefusal(undefined, undefined, log),
  };
};

/** Runs an unsigned transaction against the newest state, with what the mempool did to the account's sequence. */
export const simulateTransaction = async (rpc: CometRpc, txBytes: Uint8Array): Promise<SimulationOutcome> => {
  for (const way of [APP, SERVICE]) {
    const outcome = await ask(rpc, way, txBytes);
    if (outcome !== 'unknown-path') return outcome;
  }
  throw new ChainError('chain/unavailable', `RPC at ${rpc.origin} offers no simulation`, {
    meta: { origin: rpc.origin, kind: 'query', path: SERVICE.path },
  });
};
