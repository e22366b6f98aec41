package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"syscall"

	"github.com/ethereum/go-ethereum/crypto"
)

type benchRequest struct {
	Store map[string]string `json:"store"`
	// Each must verify; they are taken in turn, so that no two calls in a row see the same bytes.
	Steps []step `json:"steps"`
	// How many verifications.
	Count int `json:"count"`
	// Also measure this many public key recoveries alone, of the signatures in turn: the tables that a recovery reads are
	// larger than the nearest caches, so that a single signature would flatter.
	Recoveries int         `json:"recoveries"`
	Signatures []signature `json:"signatures"`
}

// signature is 65 bytes over a digest, v of 0 or 1.
type signature struct {
	Digest    string `json:"digest"`
	Signature string `json:"signature"`
}

// runBench measures verifyMembership on one core. Processor time counts, not the clock: the machine may have other work.
func runBench(h *host, line []byte) (map[string]any, error) {
	var req benchRequest
	if err := json.Unmarshal(line, &req); err != nil {
		return nil, err
	}
	runtime.GOMAXPROCS(1)
	ctx, _ := h.ctx.CacheContext()
	store := h.keeper.ClientStore(ctx, clientID)
	for key, value := range req.Store {
		k, v, err := pair(key, value)
		if err != nil {
			return nil, err
		}
		store.Set(k, v)
	}
	calls := make([]func() (map[string]any, error), len(req.Steps))
	for i, s := range req.Steps {
		call, err := prepare(h, ctx, "module", s)
		if err != nil {
			return nil, err
		}
		if _, err := call(); err != nil {
			return nil, fmt.Errorf("step %d: %w", i, err)
		}
		calls[i] = call
	}
	answer := map[string]any{}
	if req.Count > 0 {
		started := processorTime()
		for i := 0; i < req.Count; i++ {
			if _, err := calls[i%len(calls)](); err != nil {
				return nil, err
			}
		}
		answer["ns"] = float64(processorTime()-started) / float64(req.Count)
	}
	if req.Recoveries > 0 {
		nanoseconds, err := benchRecovery(req.Recoveries, req.Signatures)
		if err != nil {
			return nil, err
		}
		answer["recoveryNs"] = nanoseconds
	}
	return answer, nil
}

// processorTime is what the process has used so far, all threads, in nanoseconds.
func processorTime() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}

// benchRecovery measures the C library's part alone: what Go then does with the key's bytes is left out.
func benchRecovery(count int, signatures []signature) (float64, error) {
	digests := make([][]byte, len(signatures))
	decoded := make([][]byte, len(signatures))
	for i, one := range signatures {
		var err error
		if digests[i], decoded[i], err = pair(one.Digest, one.Signature); err != nil {
			return 0, err
		}
	}
	started := processorTime()
	for i := 0; i < count; i++ {
		if _, err := crypto.Ecrecover(digests[i%len(digests)], decoded[i%len(decoded)]); err != nil {
			return 0, err
		}
	}
	return float64(processorTime()-started) / float64(count), nil
}
