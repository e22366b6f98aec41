// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAttestationLightClient} from "contracts/interfaces/IAttestationLightClient.sol";
import {IAttestationVerifiedOnce} from "contracts/interfaces/IAttestationVerifiedOnce.sol";
import {MsgVerifyMembership} from "contracts/interfaces/ILightClient.sol";
import {AttestationFixture, Entry} from "./contracts/AttestationFixture.sol";

/// A test function is one transaction, so what one call verified is there for the next.
contract VerifiedOnceTest is AttestationFixture {
    address internal target;
    bytes internal constant A = "path a";
    bytes internal constant B = "path b";
    bytes32 internal constant VALUE = keccak256("value");
    bytes32 internal constant OTHER = keccak256("other value");
    bytes internal constant NOTHING = "";

    function setUp() external {
        target = newClient(3, 5);
    }

    function test_emptyProofsAfterAFullOne() external {
        client(target).verifyMembership(member(HEIGHT, A, VALUE, packetProof(HEIGHT, two(A, VALUE, B, OTHER), 3)));
        same(client(target).verifyMembership(member(HEIGHT, A, VALUE, NOTHING)), TIMESTAMP, "the one proven");
        same(client(target).verifyMembership(member(HEIGHT, B, OTHER, NOTHING)), TIMESTAMP, "the other one");
        check(isKnown(target, HEIGHT, A, VALUE) && isKnown(target, HEIGHT, B, OTHER), "view");
        refuseMember(target, HEIGHT, A, OTHER);
        refuseMember(target, HEIGHT, B, VALUE);
        refuseMember(target, HEIGHT, "path c", VALUE);
    }

    /// peers.md #11: a batch needs one proof, not one a packet.
    function test_aLongListIsVerifiedOnce() external {
        Entry[] memory entries = new Entry[](100);
        for (uint256 i = 0; i < 100; ++i) {
            entries[i] = Entry(keccak256(abi.encode(i)), keccak256(abi.encode("c", i)));
        }
        bytes memory proof = packetProof(HEIGHT, entries, 3);
        client(target).verifyMembership(member(HEIGHT, abi.encode(42), keccak256(abi.encode("c", 42)), proof));
        for (uint256 i = 0; i < 100; ++i) {
            bytes32 value = keccak256(abi.encode("c", i));
            client(target).verifyMembership(member(HEIGHT, abi.encode(i), value, NOTHING));
            check(!isKnown(target, HEIGHT, abi.encode(i), 0), "present is not absent");
        }
    }

    function test_nothingIsKnownAtFirst() external {
        refuseMember(target, HEIGHT, A, VALUE);
        refuseMember(target, HEIGHT, A, 0);
        refuseMember(target, HEIGHT, A, bytes32(type(uint256).max));
        refuseAbsent(target, HEIGHT, A);
        check(!isKnown(target, HEIGHT, A, 0) && !isKnown(target, HEIGHT, A, bytes32(type(uint256).max)), "view");
    }

    function test_anotherClientKnowsNothing() external {
        address other = newClient(3, 5);
        client(target).verifyMembership(member(HEIGHT, A, VALUE, packetProof(HEIGHT, one(A, VALUE), 3)));
        refuseMember(other, HEIGHT, A, VALUE);
        client(target).verifyNonMembership(absent(HEIGHT, B, packetProof(HEIGHT, one(B, 0), 3)));
        refuseAbsent(other, HEIGHT, B);
    }

    function test_anotherHeightIsNotProven() external {
        client(target).updateClient(stateProof(HEIGHT + 1, TIMESTAMP + 1, 3));
        client(target).verifyMembership(member(HEIGHT, A, VALUE, packetProof(HEIGHT, one(A, VALUE), 3)));
        refuseMember(target, HEIGHT + 1, A, VALUE);
        client(target).verifyNonMembership(absent(HEIGHT + 1, B, packetProof(HEIGHT + 1, one(B, 0), 3)));
        refuseAbsent(target, HEIGHT, B);
        same(client(target).verifyNonMembership(absent(HEIGHT + 1, B, NOTHING)), TIMESTAMP + 1, "its own height");
    }

    function test_aHeightWithoutTimestampStaysUnknown() external {
        client(target).verifyMembership(member(HEIGHT, A, VALUE, packetProof(HEIGHT, one(A, VALUE), 3)));
        vm.expectRevert(abi.encodeWithSelector(IAttestationLightClient.ConsensusTimestampNotFound.selector, 7));
        client(target).verifyMembership(member(7, A, VALUE, NOTHING));
    }

    function test_membershipIsNotAbsence() external {
        client(target).verifyMembership(member(HEIGHT, A, VALUE, packetProof(HEIGHT, one(A, VALUE), 3)));
        refuseAbsent(target, HEIGHT, A);
        client(target).verifyNonMembership(absent(HEIGHT, B, packetProof(HEIGHT, one(B, 0), 3)));
        refuseMember(target, HEIGHT, B, VALUE);
        same(client(target).verifyNonMembership(absent(HEIGHT, B, NOTHING)), TIMESTAMP, "absence");
    }

    function test_aStateUpdateProvesNoPath() external {
        client(target).updateClient(stateProof(HEIGHT + 1, TIMESTAMP + 1, 3));
        refuseMember(target, HEIGHT + 1, A, VALUE);
        refuseAbsent(target, HEIGHT + 1, A);
    }

    function test_aFreezeInTheSameTransactionEndsIt() external {
        client(target).verifyMembership(member(HEIGHT, A, VALUE, packetProof(HEIGHT, one(A, VALUE), 3)));
        client(target).verifyNonMembership(absent(HEIGHT, B, packetProof(HEIGHT, one(B, 0), 3)));
        client(target).updateClient(stateProof(HEIGHT, TIMESTAMP + 1, 3));
        vm.expectRevert(IAttestationLightClient.FrozenClientState.selector);
        client(target).verifyMembership(member(HEIGHT, A, VALUE, NOTHING));
        vm.expectRevert(IAttestationLightClient.FrozenClientState.selector);
        client(target).verifyNonMembership(absent(HEIGHT, B, NOTHING));
        check(!isKnown(target, HEIGHT, A, VALUE) && !isKnown(target, HEIGHT, B, 0), "view");
    }

    function test_aProofThatFailsLeavesNothing() external {
        bytes memory proof = packetProof(HEIGHT, two(A, VALUE, B, 0), 3);
        vm.expectRevert(IAttestationLightClient.NotMember.selector);
        client(target).verifyMembership(member(HEIGHT, "path c", VALUE, proof));
        vm.expectRevert(IAttestationLightClient.NotNonMember.selector);
        client(target).verifyNonMembership(absent(HEIGHT, A, proof));
        proof = packetProof(HEIGHT, two(A, VALUE, B, 0), 2);
        vm.expectRevert(abi.encodeWithSelector(IAttestationLightClient.ThresholdNotMet.selector, 2, 3));
        client(target).verifyMembership(member(HEIGHT, A, VALUE, proof));
        refuseMember(target, HEIGHT, A, VALUE);
        refuseAbsent(target, HEIGHT, B);
    }

    function test_aCallThatRevertsTakesItsProofBack() external {
        bytes memory proof = packetProof(HEIGHT, one(A, VALUE), 3);
        try this.verifyAndRevert(proof) {
            check(false, "reverts");
        } catch {}
        refuseMember(target, HEIGHT, A, VALUE);
    }

    function verifyAndRevert(bytes memory proof) external {
        client(target).verifyMembership(member(HEIGHT, A, VALUE, proof));
        client(target).verifyMembership(member(HEIGHT, A, VALUE, NOTHING));
        revert("after the proof");
    }

    /// A path that one list calls absent and another one present is neither.
    function test_contradictionsRuleOutAbsence() external {
        client(target).verifyNonMembership(absent(HEIGHT, A, packetProof(HEIGHT, two(A, 0, A, VALUE), 3)));
        refuseAbsent(target, HEIGHT, A);
        same(client(target).verifyMembership(member(HEIGHT, A, VALUE, NOTHING)), TIMESTAMP, "present");
        client(target).verifyMembership(member(HEIGHT, B, VALUE, packetProof(HEIGHT, one(B, VALUE), 3)));
        client(target).verifyNonMembership(absent(HEIGHT, B, packetProof(HEIGHT, one(B, 0), 3)));
        refuseAbsent(target, HEIGHT, B);
        bytes32 most = bytes32(type(uint256).max);
        client(target).verifyMembership(member(HEIGHT, "c", most, packetProof(HEIGHT, one("c", most), 3)));
        client(target).verifyNonMembership(absent(HEIGHT, "c", packetProof(HEIGHT, one("c", 0), 3)));
        refuseAbsent(target, HEIGHT, "c");
        same(client(target).verifyMembership(member(HEIGHT, "c", most, NOTHING)), TIMESTAMP, "all ones");
    }

    function test_pathLengthAndValueAreCheckedOnEmptyProofs() external {
        client(target).verifyMembership(member(HEIGHT, A, VALUE, packetProof(HEIGHT, one(A, VALUE), 3)));
        bytes memory call_ = abi.encodeCall(client(target).verifyMembership, (member(HEIGHT, A, VALUE, NOTHING)));
        (bool ok,) = target.call(call_);
        check(ok, "as it is");
        bytes[] memory twice = new bytes[](2);
        twice[0] = A;
        twice[1] = A;
        vm.expectRevert(abi.encodeWithSelector(IAttestationLightClient.InvalidPathLength.selector, 1, 2));
        client(target).verifyMembership(memberOf(twice, abi.encode(VALUE)));
        vm.expectRevert(IAttestationLightClient.EmptyValue.selector);
        client(target).verifyMembership(memberOf(single(A), ""));
        vm.expectRevert(bytes(""));
        client(target).verifyMembership(memberOf(single(A), abi.encodePacked(bytes31(VALUE))));
    }

    /// Many lists with few paths and few values: every answer must be the one that a plain list of entries gives.
    function testFuzz_agreesWithAPlainList(uint256 seed) external {
        client(target).updateClient(stateProof(HEIGHT + 1, TIMESTAMP + 1, 3));
        Entry[] memory seen = new Entry[](64);
        uint64[] memory heights = new uint64[](64);
        uint256 count;
        for (uint256 list = 0; list < 4; ++list) {
            uint64 height = HEIGHT + uint64(random(seed, list, 0) % 2);
            Entry[] memory entries = new Entry[](1 + random(seed, list, 1) % 9);
            for (uint256 i = 0; i < entries.length; ++i) {
                entries[i] = Entry(keccak256(pathOf(random(seed, list, 10 + i) % 5)), valueOf(random(seed, list, 50 + i)));
                (seen[count], heights[count++]) = (entries[i], height);
            }
            uint256 pick = random(seed, list, 2) % entries.length;
            proveEntry(height, entries, pick);
        }
        for (uint256 p = 0; p < 5; ++p) {
            for (uint256 v = 0; v < 4; ++v) {
                for (uint64 height = HEIGHT; height < HEIGHT + 2; ++height) {
                    compare(height, p, valueOf(v), seen, heights, count);
                }
            }
        }
    }

    function proveEntry(uint64 height, Entry[] memory entries, uint256 pick) private {
        for (uint256 p = 0; p < 5; ++p) {
            if (entries[pick].path == keccak256(pathOf(p))) {
                bytes memory proof = packetProof(height, entries, 3);
                client(target).verifyMembership(member(height, pathOf(p), entries[pick].commitment, proof));
            }
        }
    }

    function compare(
        uint64 height,
        uint256 p,
        bytes32 value,
        Entry[] memory seen,
        uint64[] memory heights,
        uint256 count
    ) private {
        bool expected;
        bool present;
        for (uint256 i = 0; i < count; ++i) {
            if (heights[i] != height || seen[i].path != keccak256(pathOf(p))) continue;
            expected = expected || seen[i].commitment == value;
            present = present || seen[i].commitment != 0;
        }
        bytes memory call_ = abi.encodeCall(client(target).verifyMembership, (member(height, pathOf(p), value, "")));
        (bool ok,) = target.call(call_);
        check(ok == expected, "membership");
        if (value != 0) {
            check(isKnown(target, height, pathOf(p), value) == expected, "view of membership");
            return;
        }
        call_ = abi.encodeCall(client(target).verifyNonMembership, (absent(height, pathOf(p), "")));
        (ok,) = target.call(call_);
        check(ok == (expected && !present), "absence");
        check(isKnown(target, height, pathOf(p), 0) == (expected && !present), "view of absence");
    }

    function pathOf(uint256 i) private pure returns (bytes memory) {
        return abi.encodePacked("path", i);
    }

    /// @dev Zero, all ones and two others: the values whose complement is special, and ordinary ones.
    function valueOf(uint256 i) private pure returns (bytes32) {
        i %= 4;
        return i == 0 ? bytes32(0) : i == 1 ? bytes32(type(uint256).max) : keccak256(abi.encode(i));
    }

    function random(uint256 seed, uint256 a, uint256 b) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, a, b)));
    }

    function isKnown(address at_, uint64 height, bytes memory path, bytes32 value) private view returns (bool) {
        return IAttestationVerifiedOnce(at_).verifiedInTransaction(height, keccak256(path), value);
    }

    function memberOf(bytes[] memory path, bytes memory value)
        private
        pure
        returns (MsgVerifyMembership memory msg_)
    {
        msg_ = member(HEIGHT, A, VALUE, "");
        msg_.path = path;
        msg_.value = value;
    }

    function refusal(uint64 height, bytes memory path) private pure returns (bytes memory) {
        bytes4 selector = IAttestationVerifiedOnce.NotVerifiedInTransaction.selector;
        return abi.encodeWithSelector(selector, height, keccak256(path));
    }

    function refuseMember(address at_, uint64 height, bytes memory path, bytes32 value) private {
        vm.expectRevert(refusal(height, path));
        client(at_).verifyMembership(member(height, path, value, NOTHING));
    }

    function refuseAbsent(address at_, uint64 height, bytes memory path) private {
        vm.expectRevert(refusal(height, path));
        client(at_).verifyNonMembership(absent(height, path, NOTHING));
    }
}
