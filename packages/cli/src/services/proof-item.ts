import type { CommitmentPath, Packet } from '@interchain-attestation/core';
import type { ProofForm } from './profile.ts';

/** What a proof is used for. */
export type ProofUse =
  | { readonly kind: 'update' }
  | {
      readonly kind: 'membership';
      readonly path: Uint8Array;
      readonly value: Uint8Array;
      readonly named?: CommitmentPath;
    }
  | { readonly kind: 'non-membership'; readonly path: Uint8Array; readonly named?: CommitmentPath };

/** One proof in an input, with the call that carries it. */
export interface ProofItem {
  /** For example `multicall[1] recvPacket`, `message[0] MsgUpdateClient`. */
  readonly where: string;
  /** Client that is asked, where the call names it. */
  readonly clientId?: string;
  readonly proof: Uint8Array;
  /** Which form it has, where what carries it takes one only. */
  readonly form?: ProofForm;
  /** Height that the call claims; undefined for updates and bare proofs. */
  readonly height?: bigint;
  /** Of that height, where heights have one; zero when absent. */
  readonly revisionNumber?: bigint;
  /** Why no chain would even decode the call. */
  readonly undecodable?: string;
  readonly use: ProofUse;
  readonly packet?: Packet;
}
