import { after } from 'node:test';
import { goProgram, skipWithout } from '@interchain-attestation/go-tools';
import {
  chainReaderConformance,
  clientReaderConformance,
  eventSourceConformance,
  txSenderConformance,
} from '../conformance/index.ts';
import { type CosmosFixture, createCosmosHarness, startCosmosFixture } from './cosmos-harness.ts';

const skip = skipWithout(await goProgram('ibc-go-chain'));

let fixture: Promise<CosmosFixture> | undefined;
const createHarness = async () => {
  fixture ??= startCosmosFixture();
  return createCosmosHarness(await fixture);
};
after(async () => (await fixture)?.stop());

chainReaderConformance('Cosmos on ibc-go', createHarness, { skip });
clientReaderConformance('Cosmos on ibc-go', createHarness, { skip });
eventSourceConformance('Cosmos on ibc-go', createHarness, { skip });
txSenderConformance('Cosmos on ibc-go', createHarness, { skip });
