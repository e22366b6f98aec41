import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  bytesToHex,
  hexToBytes,
  keccak256,
  publicKeyToAddressBytes,
  recoverSigner,
  sha256,
  signingPreimage,
  verifySignature,
} from '@interchain-attestation/core';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import type { Signer } from '../../src/ports.ts';

/** What every Signer does. */
export const signerConformance = (name: string, create: () => Promise<Signer>): void => {
  describe(`Signer: ${name}`, () => {
    test('its address is that of its public key', async () => {
      const { publicKey, address } = await create();
      assert.equal(publicKey.length, 33);
      const uncompressed = secp256k1.Point.fromBytes(publicKey).toBytes(false);
      assert.equal(bytesToHex(publicKeyToAddressBytes(uncompressed)), address.toLowerCase());
    });

    test('signs a preimage as every light client takes it', async () => {
      const signer = await create();
      const preimage = signingPreimage('state', Uint8Array.of(1, 2, 3));
      const signature = await signer.signRecoverable(preimage);
      assert.equal(signature.length, 65);
      assert.ok(signature[64] === 27 || signature[64] === 28);
      assert.ok(verifySignature(sha256(preimage), signature, signer.address));
    });

    test('signs an EVM transaction over its keccak256', async () => {
      const signer = await create();
      const serialized = Uint8Array.of(2, 0xc0);
      const { r, s, yParity } = await signer.signEvmTransaction(serialized);
      const signature = Uint8Array.of(...hexToBytes(r), ...hexToBytes(s), 27 + yParity);
      const recovered = recoverSigner(keccak256(serialized), signature);
      assert.ok(recovered.ok);
      assert.equal(recovered.address, signer.address);
    });

    test('signs a Cosmos sign doc over its sha256', async () => {
      const signer = await create();
      const signDoc = Uint8Array.of(9, 8, 7);
      const signature = await signer.signCosmosTransaction(signDoc);
      assert.equal(signature.length, 64);
      assert.ok(secp256k1.verify(signature, sha256(signDoc), signer.publicKey, { prehash: false, lowS: true }));
    });
  });
};
