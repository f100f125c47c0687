package tokenizer_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/models/text/tokenizer"
)

// prose returns about n bytes of text with the statistics that matter to a tokenizer:
// words of a vocabulary of 20,000, the common ones often (Zipf), punctuation, capitals,
// numbers, line ends, and a word in another script now and then.
func prose(n int) string {
	r := rand.New(rand.NewPCG(1, 2))
	syllables := strings.Fields("a ab al an ar as at ba be ca ce co con de di do e ed el en er es ex fi ga ge he ho i ic in ing ion is it ity la le li ly ma me ment mi mo na ne ness ni no o of on or ou pa per pi po pre pro ra re ri ro sa se si so st ta te th ti tion to tra tri u un ur us va ve vi wa we y")
	words := make([]string, 20000)
	for i := range words {
		var w strings.Builder
		for range 1 + r.IntN(4) {
			w.WriteString(syllables[r.IntN(len(syllables))])
		}
		words[i] = w.String()
	}
	foreign := strings.Fields("naïve Straße café ёлка привет мир 日本語 你好 العربية हिन्दी 한국어 😀 façade")
	zipf := rand.NewZipf(r, 1.1, 8, uint64(len(words)-1))
	var b strings.Builder
	capital := true
	for b.Len() < n {
		w := words[zipf.Uint64()]
		switch k := r.IntN(100); {
		case k == 0:
			w = foreign[r.IntN(len(foreign))]
		case k < 3:
			w = fmt.Sprint(r.IntN(3000))
		case capital || k < 6:
			w = strings.ToUpper(w[:1]) + w[1:]
		}
		b.WriteString(w)
		capital = false
		switch k := r.IntN(100); {
		case k < 6:
			b.WriteString(", ")
		case k < 12:
			b.WriteString(". ")
			capital = true
		case k == 13:
			b.WriteString(".\n\n")
			capital = true
		case k == 14:
			b.WriteString("'s ")
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func BenchmarkEncode(b *testing.B) {
	text := prose(10 << 20)
	for _, name := range []string{"bert-uncased-minilm", "roberta-base", "gpt2", "cl100k_base", "llama2", "t5-small"} {
		b.Run(name, func(b *testing.B) {
			tok := load(b, vectorModels[name])
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				e, err := tok.Encode(text)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(e.Len()), "tokens")
			}
		})
	}
}

func BenchmarkEncodeBatch(b *testing.B) {
	texts := strings.SplitAfter(prose(10<<20), "\n\n")
	tok := load(b, vectorModels["gpt2"])
	for _, workers := range []int{1, 2, 4, 8} {
		b.Run(fmt.Sprint(workers), func(b *testing.B) {
			b.SetBytes(10 << 20)
			for b.Loop() {
				if _, err := tok.EncodeBatch(texts, tokenizer.WithWorkers(workers)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	text := prose(1 << 20)
	for _, name := range []string{"bert-uncased-minilm", "gpt2", "llama2"} {
		b.Run(name, func(b *testing.B) {
			tok := load(b, vectorModels[name])
			e, err := tok.Encode(text)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := tok.Decode(e.IDs, true); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
