import { HDKey } from '@scure/bip32';
import { mnemonicToSeed, validateMnemonic } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { ChainError } from '../errors.ts';
import type { Signer } from '../ports.ts';
import { createMemorySigner } from '../signers/memory-signer.ts';

/** First account of a Cosmos wallet (SLIP-44 coin type 118). */
export const COSMOS_HD_PATH = "m/44'/118'/0'/0/0";

/**
 * A signer with the key that a BIP-39 mnemonic gives at a BIP-32 path.
 * @param mnemonic English words with single spaces
 * @param options.passphrase of BIP-39; none by default
 * @throws ChainError `keystore/invalid` for words that are no mnemonic (they are not repeated in the message),
 * `chain/invalid-input` for a path that is none
 */
export const signerFromMnemonic = async (
  mnemonic: string,
  hdPath: string = COSMOS_HD_PATH,
  options: { readonly passphrase?: string } = {},
): Promise<Signer> => {
  const words = mnemonic.trim().split(/\s+/).join(' ');
  if (!validateMnemonic(words, wordlist)) {
    throw new ChainError('keystore/invalid', 'not a BIP-39 mnemonic: a word or the checksum is wrong');
  }
  const seed = await mnemonicToSeed(words, options.passphrase);
  let key: HDKey;
  try {
    key = HDKey.fromMasterSeed(seed).derive(hdPath);
  } catch (cause) {
    throw new ChainError('chain/invalid-input', `not a BIP-32 path: ${hdPath.slice(0, 60)}`, { cause });
  } finally {
    seed.fill(0);
  }
  if (key.privateKey === null) throw new ChainError('keystore/invalid', 'the path gives no private key');
  const signer = createMemorySigner(key.privateKey);
  key.wipePrivateData();
  return signer;
};
