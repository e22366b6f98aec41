import { TxBody } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { MsgAcknowledgement, MsgRecvPacket, MsgTimeout } from 'cosmjs-types/ibc/core/channel/v2/tx';
import { MsgCreateClient, MsgUpdateClient } from 'cosmjs-types/ibc/core/client/v1/tx';
import { MsgRegisterCounterparty } from 'cosmjs-types/ibc/core/client/v2/tx';
import { ChainError } from '../../errors.ts';
import type { UnsignedTransaction } from '../../ports.ts';
import { encodeMessage } from '../encode-message.ts';
import { decodeBody } from './sign.ts';

interface SignedMessage {
  readonly typeUrl: string;
  decode(value: Uint8Array): { readonly signer: string };
}

/** Messages that anybody may bring, with the number of their `signer` field: the last of each. Source: wire format, section 4. */
const MESSAGES: ReadonlyMap<string, { readonly type: SignedMessage; readonly field: number }> = new Map(
  (
    [
      [MsgUpdateClient, 3],
      [MsgCreateClient, 3],
      [MsgRegisterCounterparty, 4],
      [MsgRecvPacket, 4],
      [MsgAcknowledgement, 5],
      [MsgTimeout, 5],
    ] as const
  ).map(([type, field]) => [type.typeUrl, { type, field }]),
);

const LENGTH_DELIMITED = 2;
/** Above it a length would take two bytes; no bech32 address is that long. */
const MAX_ADDRESS_CHARS = 90;

const hasSigner = (type: SignedMessage, value: Uint8Array): boolean => {
  try {
    return type.decode(value).signer !== '';
  } catch (cause) {
    throw new ChainError('chain/invalid-input', `a message ${type.typeUrl} does not decode`, { cause });
  }
};

/**
 * Names the account in client and packet messages that name nobody: whoever makes such a transaction need not know who
 * will bring it. Messages of other types, and those with a signer, stay as they are.
 * @throws ChainError `chain/invalid-input` for what is not a TxBody of such messages
 */
export const fillSigner = (transaction: UnsignedTransaction, account: string): UnsignedTransaction => {
  const body = decodeBody(transaction);
  if (account.length > MAX_ADDRESS_CHARS) throw new ChainError('chain/invalid-input', 'the account is no address');
  let filled = 0;
  const messages = body.messages.map(({ typeUrl, value }) => {
    const known = MESSAGES.get(typeUrl);
    if (known === undefined || hasSigner(known.type, value)) return { typeUrl, value };
    filled += 1;
    const signer = Buffer.from(account, 'utf8');
    const tag = (known.field << 3) | LENGTH_DELIMITED;
    return { typeUrl, value: Uint8Array.from([...value, tag, signer.length, ...signer]) };
  });
  if (filled === 0) return transaction;
  return { ...transaction, tx: encodeMessage(TxBody, { ...body, messages }) };
};
