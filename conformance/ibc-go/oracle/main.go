// Command ibc-go-oracle answers, over JSON lines on stdin and stdout, what ibc-go itself makes of a message: it runs
// the attestations light client over an in-memory store, as a module or through IBC core.
//
// Request: {"id":1,"op":"...",...}. Answer: {"id":1,...} or {"id":1,"fault":"why the request itself is unusable"}.
// Bytes are lower-case hex without 0x, 64-bit numbers are decimal strings.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

type request struct {
	ID json.RawMessage `json:"id"`
	Op string          `json:"op"`
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	host := newHost()
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			answerLine(host, line, out)
			// Flush only when nothing waits: requests may come in bulk.
			if in.Buffered() == 0 {
				out.Flush()
			}
		}
		if err != nil {
			out.Flush()
			return
		}
	}
}

func answerLine(host *host, line []byte, out *bufio.Writer) {
	var req request
	answer := map[string]any{}
	if err := json.Unmarshal(line, &req); err != nil {
		answer["fault"] = err.Error()
	} else {
		answer = handle(host, req.Op, line)
		answer["id"] = req.ID
	}
	encoded, err := json.Marshal(answer)
	if err != nil {
		encoded = []byte(fmt.Sprintf(`{"fault":%q}`, err.Error()))
	}
	out.Write(encoded)
	out.WriteByte('\n')
}

func handle(host *host, op string, line []byte) (answer map[string]any) {
	defer func() {
		if r := recover(); r != nil {
			answer = map[string]any{"fault": fmt.Sprintf("oracle: %v", r)}
		}
	}()
	var err error
	switch op {
	case "client":
		answer, err = runClient(host, line)
	case "bench":
		answer, err = runBench(host, line)
	case "digest", "path", "packetCommitment", "ackCommitment", "encodeIcs20", "decodeIcs20":
		answer, err = runWire(op, line)
	default:
		err = fmt.Errorf("unknown op %q", op)
	}
	if err != nil {
		answer = map[string]any{"fault": err.Error()}
	}
	return answer
}
