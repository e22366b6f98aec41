// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {AttestationClientState, IAttestationLightClient} from "contracts/interfaces/IAttestationLightClient.sol";
import {IAttestationVerifiedOnce} from "contracts/interfaces/IAttestationVerifiedOnce.sol";
import {Height, ILightClient, MsgVerifyMembership, UpdateResult} from "contracts/interfaces/ILightClient.sol";
import {AttestationFixture, AttestationProof, Entry} from "./contracts/AttestationFixture.sol";

contract LightClientTest is AttestationFixture {
    address internal target;
    bytes internal constant PATH = "client-0 path";
    bytes32 internal constant VALUE = keccak256("value");

    function setUp() external {
        target = newClient(3, 5);
    }

    function test_constructorChecksTheSet() external {
        address[] memory none = new address[](0);
        vm.expectRevert(IAttestationLightClient.NoAttestors.selector);
        this.construct(none, 1);
        vm.expectRevert(abi.encodeWithSelector(IAttestationLightClient.BadQuorum.selector, 0, 2));
        this.construct(attestorSet(2), 0);
        vm.expectRevert(abi.encodeWithSelector(IAttestationLightClient.BadQuorum.selector, 3, 2));
        this.construct(attestorSet(2), 3);
        address[] memory twice = attestorSet(3);
        twice[2] = twice[0];
        vm.expectRevert(abi.encodeWithSelector(IAttestationLightClient.DuplicateSigner.selector, twice[0]));
        this.construct(twice, 1);
        this.construct(attestorSet(2), 2);
    }

    function construct(address[] memory set, uint8 quorum) external returns (address) {
        return newClient(set, quorum, address(0));
    }

    function testFuzz_setIsKeptInCode(uint8 count, uint8 quorum) external {
        uint256 size = bound(count, 1, 40);
        uint8 required = uint8(bound(quorum, 1, size));
        address made = newClient(required, size);
        (address[] memory set, uint8 min) = attestation(made).getAttestationSet();
        same(keccak256(abi.encode(set)), keccak256(abi.encode(attestorSet(size))), "set");
        same(min, required, "quorum");
        bytes memory state = client(made).getClientState();
        same(state, abi.encode(AttestationClientState(attestorSet(size), required, HEIGHT, false)), "state");
    }

    function test_manyAttestorsAreAllFound() external {
        address made = newClient(255, 300);
        bytes memory proof = packetProof(HEIGHT, one(PATH, VALUE), 300);
        same(client(made).verifyMembership(member(HEIGHT, PATH, VALUE, proof)), TIMESTAMP, "timestamp");
    }

    function test_updateResults() external {
        check(client(target).updateClient(stateProof(101, 5, 3)) == UpdateResult.Update, "update");
        check(client(target).updateClient(stateProof(101, 5, 3)) == UpdateResult.NoOp, "no-op");
        check(client(target).updateClient(stateProof(99, 4, 3)) == UpdateResult.Update, "older height");
        AttestationClientState memory state = abi.decode(client(target).getClientState(), (AttestationClientState));
        same(state.latestHeight, 101, "latest height");
        same(attestation(target).getConsensusTimestamp(99), 4, "timestamp");
        same(attestation(target).getConsensusTimestamp(98), 0, "no timestamp");
        check(client(target).updateClient(stateProof(101, 6, 3)) == UpdateResult.Misbehaviour, "misbehaviour");
        same(attestation(target).getConsensusTimestamp(101), 5, "timestamp is kept");
        state = abi.decode(client(target).getClientState(), (AttestationClientState));
        check(state.isFrozen, "frozen");
    }

    function test_aFrozenClientDoesNothing() external {
        bytes memory proof = packetProof(HEIGHT, one(PATH, VALUE), 3);
        bytes memory update = stateProof(102, 9, 3);
        client(target).updateClient(stateProof(HEIGHT, TIMESTAMP + 1, 3));
        vm.expectRevert(IAttestationLightClient.FrozenClientState.selector);
        client(target).verifyMembership(member(HEIGHT, PATH, VALUE, proof));
        vm.expectRevert(IAttestationLightClient.FrozenClientState.selector);
        client(target).verifyNonMembership(absent(HEIGHT, PATH, proof));
        vm.expectRevert(IAttestationLightClient.FrozenClientState.selector);
        client(target).updateClient(update);
        vm.expectRevert(IAttestationLightClient.FrozenClientState.selector);
        client(target).misbehaviour("");
    }

    function test_stateAndPacketSignaturesAreNotExchangeable() external {
        bytes memory data = abi.encode(uint64(101), uint64(5));
        bytes memory proof = prove(PACKET_TAG, data, 3);
        vm.expectRevert();
        client(target).updateClient(proof);
    }

    /// peers.md #1: duplicates and strangers never count toward the quorum, and spoil the proof.
    function test_duplicatesAndStrangersSpoilAProof() external {
        bytes memory data = packetData(PATH, VALUE);
        bytes[] memory list = signatures(PACKET_TAG, data, 4);
        list[3] = list[1];
        vm.expectRevert(abi.encodeWithSelector(IAttestationLightClient.DuplicateSigner.selector, vm.addr(keyOf(1))));
        verify(data, list);
        list[3] = signature(keyOf(77), digestOf(PACKET_TAG, data));
        vm.expectRevert(abi.encodeWithSelector(IAttestationLightClient.UnknownSigner.selector, vm.addr(keyOf(77))));
        verify(data, list);
        list[3] = signature(keyOf(4), digestOf(PACKET_TAG, data));
        same(verify(data, list), TIMESTAMP, "more than the quorum");
    }

    function test_fewerThanTheQuorum() external {
        bytes memory data = packetData(PATH, VALUE);
        bytes[] memory list = signatures(PACKET_TAG, data, 2);
        vm.expectRevert(abi.encodeWithSelector(IAttestationLightClient.ThresholdNotMet.selector, 2, 3));
        verify(data, list);
        list = new bytes[](0);
        vm.expectRevert(IAttestationLightClient.EmptySignatures.selector);
        verify(data, list);
    }

    function test_signaturesInAnyOrder() external {
        bytes memory data = packetData(PATH, VALUE);
        uint8[5][4] memory orders = [[4, 3, 2, 1, 0], [2, 0, 4, 1, 3], [0, 2, 1, 4, 3], [3, 4, 0, 1, 2]];
        for (uint256 o = 0; o < 4; ++o) {
            bytes[] memory list = new bytes[](5);
            for (uint256 i = 0; i < 5; ++i) {
                list[i] = signature(keyOf(orders[o][i]), digestOf(PACKET_TAG, data));
            }
            same(verify(data, list), TIMESTAMP, "any order");
        }
    }

    function test_malleatedSignatures() external {
        bytes memory data = packetData(PATH, VALUE);
        bytes[] memory list = signatures(PACKET_TAG, data, 3);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf(2), digestOf(PACKET_TAG, data));
        bytes32 high = bytes32(0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141 - uint256(s));
        list[2] = abi.encodePacked(r, high, v == 27 ? uint8(28) : uint8(27));
        vm.expectRevert(abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureS.selector, high));
        verify(data, list);
        list[2] = abi.encodePacked(r, s, v - 27);
        vm.expectRevert(ECDSA.ECDSAInvalidSignature.selector);
        verify(data, list);
        list[2] = abi.encodePacked(r, s);
        vm.expectRevert(abi.encodeWithSelector(IAttestationLightClient.InvalidSignatureLength.selector, list[2]));
        verify(data, list);
        list[2] = abi.encodePacked(r, s, v, uint8(0));
        vm.expectRevert(abi.encodeWithSelector(IAttestationLightClient.InvalidSignatureLength.selector, list[2]));
        verify(data, list);
        list[2] = new bytes(65);
        vm.expectRevert(ECDSA.ECDSAInvalidSignature.selector);
        verify(data, list);
    }

    /// An address that a failed recovery could be taken for must not sign for anybody.
    function test_smallAddressesInTheSetCannotBeForged() external {
        address[] memory set = new address[](4);
        set[0] = address(0);
        set[1] = address(27);
        set[2] = address(28);
        set[3] = address(1);
        address made = newClient(set, 1, address(0));
        bytes memory data = packetData(PATH, VALUE);
        bytes[] memory list = new bytes[](1);
        for (uint8 v = 0; v < 30; ++v) {
            list[0] = abi.encodePacked(bytes32(0), bytes32(0), v);
            bytes memory proof = abi.encode(AttestationProof(data, list));
            vm.expectRevert(ECDSA.ECDSAInvalidSignature.selector);
            client(made).verifyMembership(member(HEIGHT, PATH, VALUE, proof));
        }
    }

    /// The set is copied over the attested data in memory. What is left of the data behind it must not be an attestor.
    function test_attestedDataIsNotTakenForAnAttestor() external {
        uint256 forger = 0xf0f0;
        address made = newClient(2, 7);
        // 7 addresses end at byte 140: the last 20 bytes of the first path.
        Entry[] memory entries = new Entry[](1);
        entries[0] = Entry(bytes32(uint256(uint160(vm.addr(forger)))), VALUE);
        AttestationProof memory proof = abi.decode(packetProof(HEIGHT, entries, 2), (AttestationProof));
        bytes32 digest = digestOf(PACKET_TAG, proof.attestationData);
        proof.signatures[0] = signature(keyOf(6), digest);
        proof.signatures[1] = signature(forger, digest);
        bytes memory encoded = abi.encode(proof);
        vm.expectRevert(abi.encodeWithSelector(IAttestationLightClient.UnknownSigner.selector, vm.addr(forger)));
        client(made).verifyMembership(member(HEIGHT, PATH, VALUE, encoded));
    }

    /// A signature that lies in calldata, but behind the end of the proof.
    function test_signaturesBehindTheProofDoNotCount() external {
        bytes memory proof = packetProof(HEIGHT, one(PATH, VALUE), 3);
        bytes memory call_ = abi.encodeCall(ILightClient.verifyMembership, (member(HEIGHT, PATH, VALUE, proof)));
        // The proof's length stands behind the selector, the tuple's offset and its five heads.
        uint256 lengthAt = 4 + 32 + 5 * 32;
        for (uint256 cut = 0; cut < 200; cut += 31) {
            uint256 length = proof.length - cut;
            assembly {
                mstore(add(add(call_, 0x20), lengthAt), length)
            }
            (bool ok, bytes memory reason) = target.call(call_);
            // The padding of the last signature is not part of what must be there.
            check(ok == (cut <= 31), "signature cut off");
            check(ok || reason.length == 0, "malformed");
        }
    }

    /// An offset that wraps around to bytes in front of the list, which are no more signed than the rest.
    function test_offsetsDoNotWrapAround() external {
        bytes memory data = packetData(PATH, VALUE);
        bytes[] memory list = signatures(PACKET_TAG, data, 3);
        bytes memory front = abi.encodePacked(uint256(65), list[2], new bytes(31));
        bytes memory middle = abi.encodePacked(data.length, data);
        uint256 dataAt = 64 + front.length;
        uint256 listAt = dataAt + middle.length;
        bytes memory tail;
        for (uint256 i = 0; i < 3; ++i) {
            tail = bytes.concat(tail, abi.encodePacked(uint256(65), list[i], new bytes(31)));
        }
        // The last signature at its place in the list, and at the copy in front, 2^256 - back behind the heads.
        uint256 back = listAt + 32 - 64;
        uint256[2] memory offsets = [uint256(96 + 256), type(uint256).max - back + 1];
        for (uint256 i = 0; i < 2; ++i) {
            bytes memory heads = abi.encode(uint256(3), uint256(96), uint256(96 + 128), offsets[i]);
            bytes memory proof = bytes.concat(abi.encode(uint256(32), dataAt, listAt), front, middle, heads, tail);
            bytes memory call_ =
                abi.encodeCall(ILightClient.verifyMembership, (member(HEIGHT, PATH, VALUE, proof)));
            (bool ok, bytes memory reason) = target.call(call_);
            check(ok == (i == 0), "only the plain offset");
            check(ok || reason.length == 0, "malformed");
        }
    }

    function test_orderOfChecks() external {
        MsgVerifyMembership memory msg_ = MsgVerifyMembership("", Height(0, 7), new bytes[](0), "");
        vm.expectRevert(IAttestationLightClient.EmptyValue.selector);
        client(target).verifyMembership(msg_);
        msg_.value = hex"00";
        vm.expectRevert(abi.encodeWithSelector(IAttestationLightClient.InvalidPathLength.selector, 1, 0));
        client(target).verifyMembership(msg_);
        msg_.path = single(PATH);
        vm.expectRevert(abi.encodeWithSelector(IAttestationLightClient.ConsensusTimestampNotFound.selector, 7));
        client(target).verifyMembership(msg_);
        msg_.proofHeight.revisionHeight = HEIGHT;
        msg_.proof = packetProof(HEIGHT + 1, new Entry[](0), 3);
        vm.expectRevert(
            abi.encodeWithSelector(IAttestationLightClient.HeightMismatch.selector, HEIGHT, HEIGHT + 1)
        );
        client(target).verifyMembership(msg_);
        msg_.proof = packetProof(HEIGHT, new Entry[](0), 3);
        vm.expectRevert(bytes(""));
        client(target).verifyMembership(msg_);
        msg_.value = abi.encode(VALUE);
        vm.expectRevert(IAttestationLightClient.EmptyPackets.selector);
        client(target).verifyMembership(msg_);
        msg_.proof = packetProof(HEIGHT, one("another", VALUE), 3);
        vm.expectRevert(IAttestationLightClient.NotMember.selector);
        client(target).verifyMembership(msg_);
        msg_.value = bytes.concat(abi.encode(VALUE), "trailing");
        msg_.proof = packetProof(HEIGHT, one(PATH, VALUE), 3);
        same(client(target).verifyMembership(msg_), TIMESTAMP, "at least 32 bytes");
    }

    function test_theFirstEntryDecidesAbsence() external {
        bytes memory proof = packetProof(HEIGHT, two(PATH, 0, PATH, VALUE), 3);
        same(client(target).verifyNonMembership(absent(HEIGHT, PATH, proof)), TIMESTAMP, "zero first");
        proof = packetProof(HEIGHT, two(PATH, VALUE, PATH, 0), 3);
        vm.expectRevert(IAttestationLightClient.NotNonMember.selector);
        client(target).verifyNonMembership(absent(HEIGHT, PATH, proof));
        vm.expectRevert(IAttestationLightClient.NotMember.selector);
        client(target).verifyNonMembership(absent(HEIGHT, "unknown", proof));
    }

    function test_zeroHeightAndZeroTimestamp() external {
        bytes memory update = stateProof(0, 5, 3);
        vm.expectRevert(abi.encodeWithSelector(IAttestationLightClient.InvalidState.selector, 0, 5));
        client(target).updateClient(update);
        update = stateProof(5, 0, 3);
        vm.expectRevert(abi.encodeWithSelector(IAttestationLightClient.InvalidState.selector, 5, 0));
        client(target).updateClient(update);
        client(target).updateClient(stateProof(type(uint64).max, type(uint64).max, 3));
        same(attestation(target).getConsensusTimestamp(type(uint64).max), type(uint64).max, "largest");
    }

    function test_roles() external {
        address manager = address(0xa11ce);
        address made = newClient(attestorSet(1), 1, manager);
        bytes32 role = attestation(made).PROOF_SUBMITTER_ROLE();
        same(role, keccak256("PROOF_SUBMITTER_ROLE"), "role");
        bytes memory refused =
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, address(this), role);
        bytes memory update = stateProof(101, 5, 1);
        vm.expectRevert(refused);
        client(made).updateClient(update);
        vm.expectRevert(refused);
        client(made).misbehaviour("");
        vm.prank(manager);
        client(made).updateClient(update);
        vm.prank(manager);
        IAccessControl(made).grantRole(role, address(0));
        client(made).updateClient(stateProof(102, 6, 1));
        vm.prank(manager);
        IAccessControl(made).revokeRole(role, address(0));
        vm.expectRevert(refused);
        client(made).updateClient(update);
    }

    function test_announcesItself() external view {
        IAccessControl probe = IAccessControl(target);
        check(announces(address(probe), type(IAttestationVerifiedOnce).interfaceId), "verified once");
        check(announces(target, 0xc371e607), "interface id");
        check(announces(target, 0x01ffc9a7), "ERC-165");
        check(announces(target, type(IAccessControl).interfaceId), "access control");
        check(!announces(target, 0xffffffff), "nothing else");
    }

    function announces(address probed, bytes4 id) private view returns (bool) {
        (bool ok, bytes memory data) = probed.staticcall(abi.encodeWithSelector(0x01ffc9a7, id));
        return ok && abi.decode(data, (bool));
    }

    function packetData(bytes memory path, bytes32 value) private pure returns (bytes memory) {
        AttestationProof memory proof = abi.decode(packetProof(HEIGHT, one(path, value), 0), (AttestationProof));
        return proof.attestationData;
    }

    function verify(bytes memory data, bytes[] memory list) private returns (uint256) {
        bytes memory proof = abi.encode(AttestationProof(data, list));
        return client(target).verifyMembership(member(HEIGHT, PATH, VALUE, proof));
    }
}
