import { ChainError } from '../../errors.ts';
import { RpcResponseError, safeNodeText } from '../../rpc/response-error.ts';
import type { CometLane, CometRpc } from './comet-rpc.ts';
import { malformed } from './node-error.ts';

/** What an application answered to a query. Everything else throws. */
export type QueryAnswer =
  | { readonly kind: 'value'; readonly value: Uint8Array; readonly height: bigint }
  /** The gRPC status NotFound, given for the height that was asked. */
  | { readonly kind: 'not-found'; readonly log: string; readonly height: bigint }
  | { readonly kind: 'invalid-argument'; readonly log: string; readonly height: bigint };

/**
 * Asks a gRPC method of the application through `abci_query`.
 * @param height the state after this block; undefined for the newest
 * @throws ChainError `chain/not-a-router` where the application does not know the method, `chain/state-pruned`,
 * `chain/unavailable` for every other refusal, an answer for another height among them
 */
export type AbciQuery = (path: string, request: Uint8Array, height?: bigint) => Promise<QueryAnswer>;

/** Code of the SDK's own codespace `sdk` (cosmos-sdk types/errors). */
const UNKNOWN_REQUEST = 6;

const STATUS = /^rpc error: code = (NotFound|InvalidArgument) desc = /;
const PRUNED = /failed to load state at height|version does not exist|has been pruned|version mismatch on immutable/i;

export const createAbciQuery =
  (rpc: CometRpc, lane: CometLane): AbciQuery =>
  async (path, request, height) => {
    const { origin } = rpc;
    const asked = height === undefined ? {} : { height: Number(height) };
    const refused = (code: ConstructorParameters<typeof ChainError>[0], log: string, retryable: boolean): ChainError =>
      new ChainError(code, `RPC at ${origin} refused ${path}${height === undefined ? '' : ` at ${height}`}: ${log}`, {
        meta: { origin, kind: 'query', path, ...(height === undefined ? {} : { height }) },
        retryable,
      });

    const answer = await rpc.outage(
      lane.comet.abciQuery({ path, data: request, prove: false, ...asked }).catch((error: unknown) => {
        throw error instanceof RpcResponseError && PRUNED.test(String(error.data))
          ? refused('chain/state-pruned', safeNodeText(String(error.data)), false)
          : error;
      }),
    );
    const log = safeNodeText(typeof answer.log === 'string' ? answer.log : '');
    const answered = BigInt(answer.height ?? 0);
    const ofHeight = height === undefined ? answered > 0n : answered === height;
    const wrongHeight = (): ChainError => malformed(origin, `${path}: asked for height ${height}, got ${answered}`);

    // No code at all is no success: a proxy's empty object must not read as "nothing is there".
    if (answer.code === undefined) throw malformed(origin, `${path}: an answer without a code`);
    if (answer.code === 0) {
      if (!ofHeight) throw wrongHeight();
      return { kind: 'value', value: answer.value, height: answered };
    }
    const status = STATUS.exec(log)?.[1];
    if (status !== undefined) {
      if (!ofHeight) throw wrongHeight();
      return { kind: status === 'NotFound' ? 'not-found' : 'invalid-argument', log, height: answered };
    }
    if (PRUNED.test(log)) throw refused('chain/state-pruned', log, false);
    if (answer.codespace === 'sdk' && answer.code === UNKNOWN_REQUEST && /unknown query path/i.test(log)) {
      throw refused('chain/not-a-router', log, false);
    }
    // A height that the application has not reached is a node that lags, like any other refusal an outage.
    throw refused('chain/unavailable', log, answer.code !== UNKNOWN_REQUEST);
  };
