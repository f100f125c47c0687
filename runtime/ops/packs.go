package ops

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"weak"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Packs is what operators made of constants, such as weights in the layout of a
// kernel, for all sessions of an engine: those that open the same model have one
// copy. It holds nothing by itself: what no session has any more is collected.
//
// Constants are the same where their types, shapes and bytes are. Bytes are told
// apart by GMAC under a key that the Packs never tells: two different tensors
// meet by chance once in 2^96, however they are chosen, and it reads several
// gigabytes a second, where SHA-256 takes longer than packing. A comparison of
// the bytes themselves would need those of a model that may be closed by then.
type Packs struct {
	digest func(data []byte) []byte

	mu      sync.Mutex
	entries map[string]*pack
}

// pack is one thing that was made, or is being made.
type pack struct {
	making sync.Mutex
	get    func() any // nil once it was collected
}

// NewPacks makes an empty Packs.
func NewPacks() *Packs { return &Packs{digest: newDigest(), entries: map[string]*pack{}} }

// newDigest is GMAC under a new key, or SHA-256 where a mode of Go's cryptography
// forbids that.
func newDigest() func(data []byte) []byte {
	var key [16]byte
	_, _ = rand.Read(key[:]) // never fails
	slow := func(data []byte) []byte {
		sum := sha256.Sum256(data)
		return sum[:]
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return slow
	}
	mac, err := cipher.NewGCM(block)
	if err != nil {
		return slow
	}
	nonce := make([]byte, mac.NonceSize()) // one is enough where no tag is ever told
	return func(data []byte) []byte { return mac.Seal(nil, nonce, nil, data) }
}

// Len is the number of things that somebody has.
func (p *Packs) Len() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.entries)
}

// Pack gives what make makes of constants: a value that does not change and
// shares no memory with them. Where the node's engine shares such values, it is
// the one that was made before of the same constants under the same layout, a
// name that says all else that make depends on. It is made once, whoever else
// asks for it meanwhile.
func Pack[T any](n *Node, layout string, of []*tensor.Tensor, make func() (*T, error)) (*T, error) {
	if n.Packs == nil {
		return make()
	}
	return share(n.Packs, n.Packs.key(fmt.Sprintf("%T %s", (*T)(nil), layout), of), make)
}

func share[T any](p *Packs, key string, make func() (*T, error)) (*T, error) {
	e := p.entry(key)
	e.making.Lock()
	defer e.making.Unlock()
	if e.get != nil {
		if v, ok := e.get().(*T); ok {
			return v, nil
		}
	}
	v, err := make()
	if err != nil {
		p.forget(key, e)
		return nil, err
	}
	w := weak.Make(v)
	e.get = func() any {
		if v := w.Value(); v != nil {
			return v
		}
		return nil
	}
	p.keep(key, e)
	runtime.AddCleanup(v, func(e *pack) { p.drop(key, e) }, e)
	return v, nil
}

// key tells apart what is made of different constants.
func (p *Packs) key(layout string, of []*tensor.Tensor) string {
	var b strings.Builder
	b.WriteString(layout)
	for _, t := range of {
		if t == nil {
			b.WriteString(" none")
			continue
		}
		fmt.Fprintf(&b, " %v %x", t, p.digest(t.Bytes()))
	}
	return b.String()
}

// entry finds or makes the place for a key.
func (p *Packs) entry(key string) *pack {
	p.mu.Lock()
	defer p.mu.Unlock()
	e := p.entries[key]
	if e == nil {
		e = &pack{}
		p.entries[key] = e
	}
	return e
}

// keep puts an entry back, should it have been dropped while it was made.
func (p *Packs) keep(key string, e *pack) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.entries[key] = e
}

// forget takes out an entry that is locked.
func (p *Packs) forget(key string, e *pack) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.entries[key] == e {
		delete(p.entries, key)
	}
}

// drop takes out an entry whose value was collected and was not made again.
func (p *Packs) drop(key string, e *pack) {
	e.making.Lock()
	defer e.making.Unlock()
	if e.get != nil && e.get() == nil {
		p.forget(key, e)
	}
}
