import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createKeystore, createMemorySigner, type Signer, writeKeystoreFile } from '@interchain-attestation/chains';
import { cosmosAddress } from '@interchain-attestation/chains/cosmos';
import {
  type Address,
  bytesToHex,
  type Hex,
  keccak256,
  privateKeyToAddress,
  utf8ToBytes,
} from '@interchain-attestation/core';

/** A key of a development network. Worthless by design: anybody can compute it from its name. */
export interface DevKey {
  readonly name: string;
  readonly privateKey: Hex;
  readonly address: Address;
  readonly signer: Signer;
}

/** The key of this name, the same in every network. */
export const deriveKey = (name: string): DevKey => {
  const bytes = keccak256(utf8ToBytes(`interchain-attestation devnet key ${name}`));
  const privateKey = bytesToHex(bytes);
  return { name, privateKey, address: privateKeyToAddress(bytes), signer: createMemorySigner(bytes) };
};

/** Account of a key on the Cosmos chains. */
export const cosmosAddressOf = ({ signer }: DevKey): string => cosmosAddress(signer.publicKey, 'cosmos');

/** A thousandth of the usual work: these keys guard nothing, and a dozen processes decrypt one each at their start. */
const SCRYPT_N = 2 ** 8;

export const DEVNET_PASSWORD = 'devnet';

/** Writes key files, with the password beside them, and returns the path of each by name. */
export const writeKeyFiles = async (directory: string, keys: readonly DevKey[]): Promise<void> => {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFile(join(directory, 'password'), `${DEVNET_PASSWORD}\n`, { mode: 0o600 });
  await Promise.all(
    keys.map(async ({ name, privateKey }) => {
      const key = Uint8Array.from(Buffer.from(privateKey.slice(2), 'hex'));
      const json = await createKeystore(key, DEVNET_PASSWORD, { n: SCRYPT_N });
      await writeKeystoreFile(join(directory, `${name}.json`), json, { overwrite: true });
    }),
  );
};
