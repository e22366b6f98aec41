import { bytesToHex, type Hex, sha256 } from '@interchain-attestation/core';
import { PubKey } from 'cosmjs-types/cosmos/crypto/secp256k1/keys';
import { SignMode } from 'cosmjs-types/cosmos/tx/signing/v1beta1/signing';
import { AuthInfo, SignDoc, TxBody, TxRaw } from 'cosmjs-types/cosmos/tx/v1beta1/tx';
import { ChainError } from '../../errors.ts';
import type { Signer, UnsignedTransaction } from '../../ports.ts';
import { encodeMessage } from '../encode-message.ts';
import { feeOf, type GasPrice } from './gas-price.ts';

/** What a transaction pays and takes. */
export interface GasAndFee {
  readonly gasLimit: bigint;
  readonly feeAmount: bigint;
  readonly feeDenom: string;
}

export interface SignedCosmosTransaction {
  readonly bytes: Uint8Array;
  readonly txId: Hex;
}

/** A body that can no longer be included after `timeoutHeight`. */
export interface BoundBody {
  readonly bytes: Uint8Array;
  readonly timeoutHeight: bigint;
}

/** Field 3 of TxBody, a varint. */
const TIMEOUT_HEIGHT_TAG = 3 << 3;

const varint = (value: bigint): number[] => {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return bytes;
};

/** @throws ChainError `chain/invalid-input` for what is not a TxBody with at least one message */
export const decodeBody = ({ tx, address }: UnsignedTransaction): TxBody => {
  let body: TxBody;
  try {
    body = TxBody.decode(tx);
  } catch (cause) {
    throw new ChainError('chain/invalid-input', 'the transaction is not an encoded TxBody', { cause });
  }
  if (address !== '') throw new ChainError('chain/invalid-input', 'a transaction to a Cosmos chain has no address');
  if (body.messages.length === 0) throw new ChainError('chain/invalid-input', 'the TxBody has no message');
  return body;
};

/**
 * Gives a body a timeout height, unless it has one: "not included yet" becomes "never will be" at that height. Appended to
 * the bytes, so that fields unknown to this decoder stay what they are.
 */
export const boundBody = (transaction: UnsignedTransaction, timeoutHeight: bigint): BoundBody => {
  const body = decodeBody(transaction);
  if (body.timeoutHeight !== 0n) return { bytes: transaction.tx, timeoutHeight: body.timeoutHeight };
  return { bytes: Uint8Array.from([...transaction.tx, TIMEOUT_HEIGHT_TAG, ...varint(timeoutHeight)]), timeoutHeight };
};

const authInfo = (publicKey: Uint8Array, sequence: bigint, fee: GasAndFee): Uint8Array =>
  encodeMessage(
    AuthInfo,
    AuthInfo.fromPartial({
      signerInfos: [
        {
          publicKey: { typeUrl: PubKey.typeUrl, value: encodeMessage(PubKey, { key: publicKey }) },
          modeInfo: { single: { mode: SignMode.SIGN_MODE_DIRECT } },
          sequence,
        },
      ],
      fee: {
        gasLimit: fee.gasLimit,
        amount: fee.feeAmount === 0n ? [] : [{ denom: fee.feeDenom, amount: fee.feeAmount.toString() }],
      },
    }),
  );

/**
 * What a simulation takes: everything but a signature, with the least fee that there is. The chain deducts it in the
 * simulation as well, which takes gas (17,000 on the SDK's bank); it deducts no fee of nothing.
 */
export const unsignedTransaction = (
  bodyBytes: Uint8Array,
  publicKey: Uint8Array,
  sequence: bigint,
  gasPrice: GasPrice,
): Uint8Array => {
  const fee = { gasLimit: 0n, feeAmount: feeOf(1n, gasPrice), feeDenom: gasPrice.denom };
  return encodeMessage(TxRaw, {
    bodyBytes,
    authInfoBytes: authInfo(publicKey, sequence, fee),
    signatures: [new Uint8Array()],
  });
};

/** Signs in SIGN_MODE_DIRECT. */
export const signTransaction = async (
  signer: Signer,
  bodyBytes: Uint8Array,
  account: { readonly chainId: string; readonly accountNumber: bigint; readonly sequence: bigint },
  fee: GasAndFee,
): Promise<SignedCosmosTransaction> => {
  const authInfoBytes = authInfo(signer.publicKey, account.sequence, fee);
  const { chainId, accountNumber } = account;
  const signDoc = encodeMessage(SignDoc, { bodyBytes, authInfoBytes, chainId, accountNumber });
  const signature = await signer.signCosmosTransaction(signDoc);
  const bytes = encodeMessage(TxRaw, { bodyBytes, authInfoBytes, signatures: [signature] });
  return { bytes, txId: bytesToHex(sha256(bytes)) };
};

/** What a signature and the fee add to an unsigned transaction, at most; for checks before there is a signature. */
export const SIGNATURE_AND_FEE_BYTES: number = 64 + 2 + 200;
