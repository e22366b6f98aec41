import type { Signer } from '@interchain-attestation/chains';
import { type Address, hexToBytes } from '@interchain-attestation/core';
import { type LocalAccount, serializeTransaction, type TransactionSerializable } from 'viem';
import { toAccount } from 'viem/accounts';
import { DeployError } from '../errors.ts';

const refuse = (): never => {
  throw new DeployError('deploy/invalid-input', 'a deployer signs transactions only');
};

/** A viem account over a {@link Signer}, wherever its key lives. It signs transactions and nothing else. */
export const signerToAccount = (signer: Signer): LocalAccount =>
  toAccount({
    address: signer.address as Address & `0x${string}`,
    signMessage: refuse,
    signTypedData: refuse,
    signTransaction: async (transaction, options) => {
      const serialize = options?.serializer ?? serializeTransaction;
      const unsigned = await serialize(transaction as TransactionSerializable);
      const signature = await signer.signEvmTransaction(hexToBytes(unsigned));
      return serialize(transaction as TransactionSerializable, signature);
    },
  });
