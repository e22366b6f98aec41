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
const createHarness = async (endpoints = 1) => {
  fixture ??= startCosmosFixture();
  return createCosmosHarness(await fixture, endpoints);
};
const create = () => createHarness();
after(async () => (await fixture)?.stop());

chainReaderConformance('Cosmos on ibc-go', create, { skip });
chainReaderConformance('2 of 3 endpoints of ibc-go', () => createHarness(3), { skip });
clientReaderConformance('Cosmos on ibc-go', create, { skip });
eventSourceConformance('Cosmos on ibc-go', create, { skip });
txSenderConformance('Cosmos on ibc-go', create, { skip });
