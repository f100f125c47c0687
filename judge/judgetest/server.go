package judgetest

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A Fault is one way in which a server lets its client down.
type Fault int

// The faults.
const (
	TooMany      Fault = iota // 429
	TooManyAfter              // 429 with Retry-After
	Broken                    // 500
	Hang                      // no answer until the client gives up
	Cut                       // the body ends early
	Drip                      // the body comes byte by byte, too slowly
	NoJSON                    // 200 and something else than JSON
	Huge                      // 10 MB
	Twice                     // two answers in one body
	faults                    // their number
)

// Server is an OpenAI-compatible endpoint that answers as it is told, and fails on
// purpose.
type Server struct {
	Answer   func(messages []Message) string
	LogProbs map[string]float64 // natural logarithms, given for the first token where they are asked for
	Latency  time.Duration      // of an answer
	Rate     float64            // share of requests that fail
	Faults   []Fault            // which there are; nil for all
	Seed     uint64

	mu       sync.Mutex
	rng      *rand.Rand
	answered int
	seen     [faults]int
}

// A Message is a message as the endpoint gets it.
type Message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// Answered returns how many requests were answered without a fault.
func (s *Server) Answered() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.answered
}

// Seen returns how often each fault was shown, by its place in the list of constants.
func (s *Server) Seen() [faults]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen
}

// draw returns the fault for the next request, or false.
func (s *Server) draw() (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rng == nil {
		s.rng = rand.New(rand.NewPCG(s.Seed, 1))
	}
	if s.rng.Float64() >= s.Rate {
		s.answered++
		return 0, false
	}
	f := Fault(s.rng.IntN(int(faults)))
	if len(s.Faults) > 0 {
		f = s.Faults[s.rng.IntN(len(s.Faults))]
	}
	s.seen[f]++
	return f, true
}

// request is the part of a request that the server reads.
type request struct {
	Messages []Message `json:"messages"`
	LogProbs bool      `json:"logprobs"`
	Stream   bool      `json:"stream"`
}

// ServeHTTP answers a request for a chat completion.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var req request
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		http.Error(w, `{"error":{"message":"no JSON"}}`, http.StatusBadRequest)
		return
	}
	select {
	case <-time.After(s.Latency):
	case <-r.Context().Done():
		return
	}
	body := s.body(&req)
	if f, ok := s.draw(); ok {
		fail(w, r, f, body)
		return
	}
	if req.Stream {
		s.stream(w, &req)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body) // the client may be gone
}

// body returns a whole response.
func (s *Server) body(req *request) []byte {
	text := s.Answer(req.Messages)
	choice := map[string]any{"index": 0, "finish_reason": "stop", "message": Message{"assistant", text}}
	if req.LogProbs && s.LogProbs != nil {
		choice["logprobs"] = s.logprobs()
	}
	data, err := json.Marshal(map[string]any{
		"id": "x", "object": "chat.completion", "choices": []any{choice},
		"usage": map[string]int{"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
	})
	if err != nil {
		return []byte(err.Error())
	}
	return data
}

// logprobs returns the probabilities of the first token.
func (s *Server) logprobs() map[string]any {
	var top []map[string]any
	best, most := "", math.Inf(-1)
	for label, lp := range s.LogProbs {
		top = append(top, map[string]any{"token": label, "logprob": lp, "bytes": nil})
		if lp > most {
			best, most = label, lp
		}
	}
	return map[string]any{"content": []any{map[string]any{"token": best, "logprob": most, "bytes": nil, "top_logprobs": top}}}
}

// stream writes the answer as server-sent events, a word each.
func (s *Server) stream(w http.ResponseWriter, req *request) {
	w.Header().Set("Content-Type", "text/event-stream")
	event := func(v any) {
		data, err := json.Marshal(v)
		if err != nil {
			return
		}
		fmt.Fprintf(w, "data: %s\n\n", data)
	}
	for i, word := range strings.SplitAfter(s.Answer(req.Messages), " ") {
		choice := map[string]any{"index": 0, "delta": Message{"assistant", word}}
		if i == 0 && req.LogProbs && s.LogProbs != nil {
			choice["logprobs"] = s.logprobs()
		}
		event(map[string]any{"object": "chat.completion.chunk", "choices": []any{choice}})
	}
	event(map[string]any{"choices": []any{map[string]any{"index": 0, "delta": map[string]any{}, "finish_reason": "stop"}}})
	event(map[string]any{"choices": []any{}, "usage": map[string]int{"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}})
	fmt.Fprint(w, "data: [DONE]\n\n")
}

// fail shows a fault.
func fail(w http.ResponseWriter, r *http.Request, f Fault, body []byte) {
	const message = `{"error":{"message":"try again later","type":"overloaded"}}`
	w.Header().Set("Content-Type", "application/json")
	switch f {
	case TooManyAfter:
		w.Header().Set("Retry-After-Ms", "20")
		w.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprint(w, message)
	case Broken:
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprint(w, message)
	case Hang:
		<-r.Context().Done()
	case Cut:
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		_, _ = w.Write(body[:len(body)/2])
		panic(http.ErrAbortHandler) // what net/http offers to break a connection
	case Drip:
		for i := range body {
			_, _ = w.Write(body[i : i+1])
			if http.NewResponseController(w).Flush() != nil || r.Context().Err() != nil {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
	case NoJSON:
		fmt.Fprint(w, `<html>{"choices": [}`)
	case Huge:
		_, _ = w.Write([]byte(strings.Repeat(" ", 10<<20)))
		_, _ = w.Write(body)
	case Twice:
		_, _ = w.Write(body)
		_, _ = w.Write(body)
	default:
		w.WriteHeader(http.StatusTooManyRequests)
		fmt.Fprint(w, message)
	}
}
