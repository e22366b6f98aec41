import { goProgram, skipWithout } from '@interchain-attestation/go-tools';
import {
  chainReaderConformance,
  clientReaderConformance,
  eventSourceConformance,
  txSenderConformance,
} from '../conformance/index.ts';
import { createGethHarness } from './geth-harness.ts';

const geth = await goProgram('geth');
const skip = skipWithout(geth);
const create = () => createGethHarness('path' in geth ? geth.path : '');

chainReaderConformance('EVM on geth', create, { skip });
clientReaderConformance('EVM on geth', create, { skip });
eventSourceConformance('EVM on geth', create, { skip });
txSenderConformance('EVM on geth', create, { skip });
