import {
  ackCommitment,
  type CommitmentPath,
  encodePath,
  type Packet,
  packetCommitment,
} from '@interchain-attestation/core';
import { PROTOBUF_PROOF_TYPE_URL } from '@interchain-attestation/light-client';
import type { ProofItem, ProofUse } from './proof-item.ts';
import { type Fields, readAny, readFields, type TypedBytes } from './protobuf-fields.ts';

const EMPTY = new Uint8Array();

const toPacket = (bytes: Uint8Array): Packet | undefined => {
  const fields = readFields(bytes);
  return (
    fields && {
      sequence: fields.uint64(1),
      sourceClient: fields.text(2),
      destClient: fields.text(3),
      timeoutTimestampSec: fields.uint64(4),
      payloads: fields.repeated(5).flatMap((payload) => {
        const part = readFields(payload);
        if (part === undefined) return [];
        return [
          {
            sourcePort: part.text(1),
            destPort: part.text(2),
            version: part.text(3),
            encoding: part.text(4),
            value: part.bytes(5) ?? EMPTY,
          },
        ];
      }),
    }
  );
};

/** A `proof_height` field: revision and height. */
const heightIn = (fields: Fields, number: number): Pick<ProofItem, 'height' | 'revisionNumber'> => {
  const height = readFields(fields.bytes(number) ?? EMPTY);
  return { revisionNumber: height?.uint64(1) ?? 0n, height: height?.uint64(2) ?? 0n };
};

const member = (named: CommitmentPath, value: Uint8Array): ProofUse => ({
  kind: 'membership',
  path: encodePath(named),
  value,
  named,
});

/** Source of the field numbers: wire format, section 4. */
const fromMessage = (where: string, { type, value }: TypedBytes): readonly ProofItem[] => {
  const fields = readFields(value);
  if (fields === undefined) return [];
  const name = type.split('.').at(-1) ?? type;
  const label = where === '' ? name : `${where} ${name}`;
  if (type === PROTOBUF_PROOF_TYPE_URL) {
    return [{ where: label, form: 'protobuf', proof: value, use: { kind: 'update' } }];
  }
  if (type === '/ibc.core.client.v1.MsgUpdateClient') {
    const message = readAny(fields.bytes(2) ?? EMPTY);
    if (message?.type !== PROTOBUF_PROOF_TYPE_URL) return [];
    const clientId = fields.text(1);
    return [{ where: label, form: 'protobuf', clientId, proof: message.value, use: { kind: 'update' } }];
  }
  const packet = toPacket(fields.bytes(1) ?? EMPTY);
  if (packet === undefined) return [];
  const { sourceClient, destClient, sequence } = packet;
  const common = { where: label, form: 'protobuf', packet } as const;
  switch (type) {
    case '/ibc.core.channel.v2.MsgRecvPacket': {
      const use = member({ kind: 'packet', clientId: sourceClient, sequence }, packetCommitment(packet));
      return [{ ...common, clientId: destClient, proof: fields.bytes(2) ?? EMPTY, ...heightIn(fields, 3), use }];
    }
    case '/ibc.core.channel.v2.MsgAcknowledgement': {
      const acks = readFields(fields.bytes(2) ?? EMPTY)?.repeated(1) ?? [];
      const use = member({ kind: 'acknowledgement', clientId: destClient, sequence }, ackCommitment([...acks]));
      return [{ ...common, clientId: sourceClient, proof: fields.bytes(3) ?? EMPTY, ...heightIn(fields, 4), use }];
    }
    case '/ibc.core.channel.v2.MsgTimeout': {
      const named: CommitmentPath = { kind: 'receipt', clientId: destClient, sequence };
      const use: ProofUse = { kind: 'non-membership', path: encodePath(named), named };
      return [{ ...common, clientId: sourceClient, proof: fields.bytes(2) ?? EMPTY, ...heightIn(fields, 3), use }];
    }
    default:
      return [];
  }
};

const fromBody = (body: Fields): readonly ProofItem[] | undefined => {
  const messages = body.repeated(1).map(readAny);
  if (messages.length === 0 || messages.some((message) => message === undefined)) return undefined;
  return messages.flatMap((message, index) => (message === undefined ? [] : fromMessage(`message[${index}]`, message)));
};

/**
 * Finds the proofs in protobuf bytes: a message in its Any, a TxBody, or a whole signed transaction.
 * @returns undefined for bytes that are none of these; empty for those that carry no proof
 * @throws CoreError for a packet that there cannot be, as one without clients
 */
export const findCosmosProofs = (data: Uint8Array): readonly ProofItem[] | undefined => {
  const message = readAny(data);
  if (message !== undefined) return fromMessage('', message);
  const outer = readFields(data);
  if (outer === undefined) return undefined;
  const body = fromBody(outer);
  if (body !== undefined) return body;
  const inner = readFields(outer.bytes(1) ?? EMPTY);
  return inner === undefined || outer.repeated(2).length === 0 ? undefined : fromBody(inner);
};
