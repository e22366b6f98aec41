import { BaseAccount } from 'cosmjs-types/cosmos/auth/v1beta1/auth';
import {
  QueryAccountInfoRequest,
  QueryAccountInfoResponse,
  QueryAccountRequest,
  QueryAccountResponse,
} from 'cosmjs-types/cosmos/auth/v1beta1/query';
import { QueryBalanceRequest, QueryBalanceResponse } from 'cosmjs-types/cosmos/bank/v1beta1/query';
import { ChainError } from '../../errors.ts';
import { encodeMessage } from '../encode-message.ts';
import type { AbciQuery } from '../rpc/abci-query.ts';
import { malformed } from '../rpc/node-error.ts';

/** What a signature is bound to. */
export interface AccountState {
  readonly accountNumber: bigint;
  /** Of the next transaction, in committed state. */
  readonly sequence: bigint;
}

/** An account's state after a block: which one is for the node that answers to say, and another may be behind it. */
export interface CommittedAccount extends AccountState {
  readonly height: bigint;
}

export interface AccountReader {
  /** @throws ChainError `chain/insufficient-funds` for an account that the chain does not know: nobody paid into it */
  state(): Promise<CommittedAccount>;
  balance(denom: string): Promise<bigint>;
}

export const createAccountReader = (origin: string, query: AbciQuery, address: string): AccountReader => {
  const ask = async <T>(
    path: string,
    request: Uint8Array,
    decode: (value: Uint8Array) => T,
  ): Promise<{ readonly value: T; readonly height: bigint } | undefined> => {
    const answer = await query(path, request);
    if (answer.kind === 'not-found') return undefined;
    if (answer.kind === 'invalid-argument') {
      throw new ChainError('chain/invalid-input', `${address}: ${answer.log}`, { meta: { address } });
    }
    try {
      return { value: decode(answer.value), height: answer.height };
    } catch (error) {
      throw malformed(origin, `${path} does not decode: ${(error as Error).message}`, error);
    }
  };

  const account = async (): Promise<{ value: BaseAccount | undefined; height: bigint } | undefined> => {
    const found = await ask(
      '/cosmos.auth.v1beta1.Query/Account',
      encodeMessage(QueryAccountRequest, { address }),
      (value) => QueryAccountResponse.decode(value).account,
    );
    if (found?.value === undefined) return undefined;
    const { value: any, height } = found;
    if (any.typeUrl === BaseAccount.typeUrl) return { value: BaseAccount.decode(any.value), height };
    // Vesting and other kinds wrap a base account; the chain unwraps it.
    return ask(
      '/cosmos.auth.v1beta1.Query/AccountInfo',
      encodeMessage(QueryAccountInfoRequest, { address }),
      (value) => QueryAccountInfoResponse.decode(value).info,
    );
  };

  return {
    async state() {
      const found = await account();
      if (found?.value !== undefined) {
        const { accountNumber, sequence, address: got } = found.value;
        if (got === address) return { accountNumber, sequence, height: found.height };
        throw malformed(origin, `asked for account ${address}, got ${got.slice(0, 90)}`);
      }
      throw new ChainError('chain/insufficient-funds', `${address} has no account: nothing was ever paid into it`, {
        meta: { address },
      });
    },
    async balance(denom) {
      const amount = await ask(
        '/cosmos.bank.v1beta1.Query/Balance',
        encodeMessage(QueryBalanceRequest, { address, denom }),
        (value) => BigInt(QueryBalanceResponse.decode(value).balance?.amount ?? '0'),
      );
      return amount?.value ?? 0n;
    },
  };
};
