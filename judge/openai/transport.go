package openai

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/seed6700ada1/infer/judge"
)

// checked carries requests, and hands on responses that are whole: no longer than limit
// and, where they are not streams, one JSON value. What is cut, too long or something
// else is a temporary failure rather than half an answer.
type checked struct {
	next  http.RoundTripper
	limit int64
}

// RoundTrip carries a request.
func (c *checked) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := c.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body := &limited{res.Body, c.limit}
	if media, _, err := mime.ParseMediaType(res.Header.Get("Content-Type")); err == nil && media == "text/event-stream" {
		res.Body = body
		return res, nil
	}
	data, err := io.ReadAll(body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		return nil, &judge.TemporaryError{Err: fmt.Errorf("reading the response: %w", err)}
	}
	if res.StatusCode/100 == 2 && !json.Valid(data) {
		return nil, &judge.TemporaryError{Err: fmt.Errorf("a response of %d bytes that is no JSON", len(data))}
	}
	res.Body = io.NopCloser(bytes.NewReader(data))
	return res, nil
}

// limited is a body that fails where it is too long.
type limited struct {
	io.ReadCloser
	left int64
}

// Read reads what is left.
func (l *limited) Read(p []byte) (int, error) {
	if l.left < 0 {
		return 0, errTooLong
	}
	n, err := l.ReadCloser.Read(p[:min(int64(len(p)), l.left+1)])
	if l.left -= int64(n); l.left < 0 {
		return n, errTooLong
	}
	return n, err
}

var errTooLong = errors.New("the response is too long")

// failure returns what to do about an error of the client: a temporary failure, or one
// that another try would only repeat. Its text does not hold the key.
func (j *Judge) failure(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if t, ok := judge.Temporary(err); ok {
		return &judge.TemporaryError{Err: errors.New(j.key.scrub(t.Err.Error())), After: t.After}
	}
	var api *statusError
	if !errors.As(err, &api) {
		// The connection was refused, reset, or ended early.
		return &judge.TemporaryError{Err: errors.New(j.key.scrub(err.Error()))}
	}
	const shown = 200 // bytes of the server's words
	message := strings.ToValidUTF8(api.Message[:min(len(api.Message), shown)], "")
	status := fmt.Errorf("%s says %d %s: %s", j.config.Name, api.Code, http.StatusText(api.Code), j.key.scrub(message))
	switch code := api.Code; {
	case code == http.StatusRequestTimeout, code == http.StatusConflict, code == http.StatusTooEarly,
		code == http.StatusTooManyRequests, code >= 500:
		return &judge.TemporaryError{Err: status, After: retryAfter(api.Response)}
	}
	return status
}

// maxRetryAfter is the longest that a server can make a run wait.
const maxRetryAfter = 10 * time.Minute

// retryAfter returns how long a server asked to be left alone: Retry-After in seconds or
// as a date, or retry-after-ms.
func retryAfter(res *http.Response) time.Duration {
	if res == nil {
		return 0
	}
	var wait time.Duration
	text := res.Header.Get("Retry-After")
	if ms, err := strconv.ParseFloat(res.Header.Get("Retry-After-Ms"), 64); err == nil {
		wait = time.Duration(min(max(ms, 0), float64(maxRetryAfter.Milliseconds())) * float64(time.Millisecond))
	} else if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		wait = time.Duration(min(max(seconds, 0), maxRetryAfter.Seconds()) * float64(time.Second))
	} else if date, err := http.ParseTime(text); err == nil {
		wait = time.Until(date)
	}
	return min(max(wait, 0), maxRetryAfter)
}

// addLogs returns log(exp(out[label]) + exp(lp)), where label may not be there yet.
func addLogs(out map[string]float64, label string, lp float64) float64 {
	have, ok := out[label]
	if !ok {
		return lp
	}
	hi, lo := max(have, lp), min(have, lp)
	return hi + math.Log1p(math.Exp(lo-hi))
}
