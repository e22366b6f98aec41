import { keccak256 } from '@interchain-attestation/core';
import type { AbciError, ClientSnapshot, Rejection, Transaction } from '@interchain-attestation/light-client';
import { formOf, type ProfileName } from './profile.ts';
import type { ReadProofItem } from './proof-inspect.ts';
import type { ProofItem } from './proof-item.ts';

/** A client as its chain holds it, or as somebody describes it, and the rules that it goes by. */
export interface InspectedClient {
  readonly profile: ProfileName;
  readonly state: ClientSnapshot['clientState'];
  /** Timestamps by height, in the profile's unit: seconds (Solidity) or nanoseconds (ibc-go). */
  readonly consensus: ReadonlyMap<bigint, bigint>;
  /** Heights of which it is only taken for granted that the client holds a timestamp: it was described, not read. */
  readonly assumed?: ReadonlySet<bigint>;
  /** Whether a proof in another form than the client takes is put into the client's form first. */
  readonly reencode?: boolean;
}

/** What a client would say. */
export interface ClientVerdict {
  readonly profile: ProfileName;
  readonly accepted: boolean;
  readonly code?: string;
  /** As the chain would report it: the custom error (Solidity), or the name of the registered error (ibc-go). */
  readonly errorName?: string | null;
  /** ibc-go: how a transaction that is refused says so. */
  readonly abci?: AbciError;
  readonly message: string;
  /** What must hold besides, for the verdict to be true. */
  readonly assumes?: string;
  /** True when the proof was put into the form that this client takes; in its own form it would not decode. */
  readonly reencoded?: boolean;
}

type Answer =
  | { readonly ok: true; readonly note?: string; readonly assumes?: string }
  | (Pick<Rejection, 'ok' | 'errorName' | 'abci' | 'message'> & { readonly code: Rejection['code'] | 'undecodable' });

const updateNotes = {
  Update: 'it learns a new height',
  NoOp: 'it knows this already',
  Misbehaviour: 'THE CLIENT FREEZES: it holds another timestamp for this height',
};

const askUpdate = (proof: Uint8Array, client: InspectedClient, transaction: Transaction): Answer => {
  const checked = transaction.verifyClientMessage(proof);
  // A client of ibc-go writes what it holds already once more, and calls that an update, too.
  const known = checked.ok && transaction.timestampAtHeight(checked.attested.height) !== undefined;
  const verdict = transaction.updateClient(proof);
  if (!verdict.ok) return verdict;
  const { height } = verdict.attested;
  if (verdict.result === 'Update' && !known && client.assumed !== undefined && height <= client.state.latestHeight) {
    const assumes = `the client holds no other timestamp for height ${height}: otherwise it freezes`;
    return { ok: true, note: 'it takes the statement', assumes };
  }
  return { ok: true, note: verdict.result === 'Update' && known ? updateNotes.NoOp : updateNotes[verdict.result] };
};

/**
 * A bare packet attestation: its paths are hashes, so no call can be made for it, but everything that the client checks
 * before it looks for a path shows in the verdict on one that cannot be there.
 */
const askEntries = (proof: Uint8Array, height: bigint, data: Uint8Array, transaction: Transaction): Answer => {
  const nowhere = keccak256(data);
  const verdict = transaction.verifyMembership({ proof, height, path: [nowhere], value: nowhere });
  if (verdict.ok || verdict.code === 'not-member') return { ok: true, note: 'good for each of its entries' };
  return verdict;
};

const ask = (item: ProofItem, read: ReadProofItem, client: InspectedClient, transaction: Transaction): Answer => {
  const { proof, use, revisionNumber = 0n, undecodable } = item;
  if (undecodable !== undefined) {
    return { ok: false, code: 'undecodable', errorName: null, message: `the call does not decode: ${undecodable}` };
  }
  const height = item.height ?? read.height ?? 0n;
  if (use.kind === 'membership') {
    return transaction.verifyMembership({ proof, height, revisionNumber, path: [use.path], value: use.value });
  }
  if (use.kind === 'non-membership') {
    return transaction.verifyNonMembership({ proof, height, revisionNumber, path: [use.path] });
  }
  if (read.attests === 'packets') return askEntries(proof, height, read.data ?? new Uint8Array(), transaction);
  return askUpdate(proof, client, transaction);
};

/** Asks a client for its verdict on one proof. Updates change what it says about the proofs after them. */
export const judge = (
  item: ProofItem,
  read: ReadProofItem,
  client: InspectedClient,
  transaction: Transaction,
  reencoded: boolean,
): ClientVerdict => {
  const { profile } = client;
  const answer = ask(item, read, client, transaction);
  const common = { profile, ...(reencoded ? { reencoded } : {}) };
  if (!answer.ok) {
    const otherForm = !reencoded && read.form !== undefined && read.form !== formOf(profile);
    const hint = otherForm
      ? `; it takes proofs in ${formName(formOf(profile))} form, this one is in ${formName(read.form)}`
      : '';
    const { code, errorName, abci, message } = answer;
    return {
      ...common,
      accepted: false,
      code,
      errorName,
      ...(abci === undefined ? {} : { abci }),
      message: message + hint,
    };
  }
  const height = item.height ?? read.height;
  const needsTimestamp = read.attests !== 'state' && height !== undefined && client.assumed?.has(height) === true;
  const assumes = needsTimestamp ? `the client holds a timestamp for height ${height}` : answer.assumes;
  return {
    ...common,
    accepted: true,
    message: answer.note ?? 'accepted',
    ...(assumes === undefined ? {} : { assumes }),
  };
};

const formName = (form: 'abi' | 'protobuf' | undefined): string => (form === 'protobuf' ? 'protobuf' : 'ABI');
