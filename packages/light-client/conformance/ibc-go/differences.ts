import { encodeStateAttestation, signDigest, signingDigest, utf8ToBytes } from '@interchain-attestation/core';
import { keyAt } from '../generate/signatures.ts';
import type { Case } from './cases.ts';
import { anyOf, clientStateBytes, consensusStateBytes } from './clients.ts';
import { ibcGoDialect } from './envelope.ts';

/** Where the state machine ought to answer otherwise than ibc-go, with the case that shows it. */
export interface Difference {
  readonly reason: string;
  readonly shownBy: Case;
  readonly ibcGo: readonly string[];
  readonly model: readonly string[];
}

const attestationData = encodeStateAttestation({ height: 101n, timestampSec: 5n });
const signature = signDigest(signingDigest('state', attestationData), keyAt(0).privateKey);
const message = ibcGoDialect.encode({ attestationData, signatures: [signature] });

const consensusState = ['consensusStates/0-100', anyOf('ConsensusState', consensusStateBytes(1n))] as const;
const storeWith = (clientState: Uint8Array): Case['store'] => [['clientState', clientState], consensusState];
const twoAttestors = (second: string): Uint8Array =>
  anyOf('ClientState', clientStateBytes([keyAt(0).address, second], 1, 100n));

/** All of them concern stores that no chain holds: Initialize refuses, or never writes, what is in them. */
export const DIFFERENCES: readonly Difference[] = [
  {
    reason:
      'A stored attestor that is no address: ibc-go takes the hex digits at its beginning for an address. Nobody could ' +
      'say who that is, so this package throws instead of naming somebody.',
    shownBy: {
      name: 'a stored attestor that is no address',
      level: 'module',
      store: storeWith(twoAttestors('0x12zz')),
      steps: [{ kind: 'updateClient', message }],
    },
    ibcGo: ['ok 0-101'],
    model: ['panic'],
  },
  {
    reason:
      'A client state that does not decode, and a message that is no update either: ibc-go refuses the message before it ' +
      'reads the store. Here the store is read first, which is as good as the other order for every store that decodes.',
    shownBy: {
      name: 'a damaged store and a damaged message',
      level: 'core',
      store: storeWith(utf8ToBytes('damaged')),
      steps: [{ kind: 'updateClient', message: utf8ToBytes('damaged') }],
    },
    ibcGo: ['sdk/2'],
    model: ['panic'],
  },
];
