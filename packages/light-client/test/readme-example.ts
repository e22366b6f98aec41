import { createSnapshotClient, solidityPolicy } from '@interchain-attestation/light-client';
import { attestors, entry, packetProof, rawPath, stateProof, word } from './support.ts';

// In a program: what `getClientState` and `getConsensusTimestamp` answered, and proofs that attestors signed.
const set = attestors(3);
const client = createSnapshotClient({
  policy: solidityPolicy,
  clientState: {
    attestors: set.map(({ address }) => address),
    minRequiredSigs: 2,
    latestHeight: 100n,
    isFrozen: false,
  },
  consensusStates: [[100n, 1_700_000_000n]],
});
const updateProof = stateProof(101n, 1_700_000_012n, set.slice(0, 2));
const proof = packetProof(101n, [entry('a', word('a')), entry('b', word('b'))], set.slice(0, 2));

// One transaction: an update, a full proof, and a second one that the first made superfluous.
const transaction = client.beginTransaction();
const height = 101n;
export const verdicts: string[] = [
  transaction.updateClient(updateProof),
  transaction.verifyMembership({ proof, height, path: [rawPath('a')], value: word('a') }),
  transaction.verifyMembership({ proof: new Uint8Array(0), height, path: [rawPath('b')], value: word('b') }),
  transaction.verifyMembership({ proof: new Uint8Array(0), height, path: [rawPath('c')], value: word('c') }),
].map((verdict) => (verdict.ok ? 'accepted' : `${verdict.errorName}: ${verdict.message}`));
