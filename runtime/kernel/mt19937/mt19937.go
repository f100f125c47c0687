// Package mt19937 is the Mersenne Twister of Matsumoto and Nishimura (1998), the
// generator from which the standard's reference implementation draws the numbers
// of operators that have a seed: the same seed gives the same numbers.
package mt19937

const (
	length = 624
	middle = 397
)

// Source is a generator. It is not safe for concurrent use.
type Source struct {
	state [length]uint32
	next  int
}

// New makes a generator from a 32-bit seed.
func New(seed uint32) *Source {
	s := &Source{next: length}
	for i := range s.state {
		s.state[i] = seed
		seed = 1812433253*(seed^seed>>30) + uint32(i) + 1
	}
	return s
}

// Uint32 draws 32 bits.
func (s *Source) Uint32() uint32 {
	if s.next == length {
		s.refill()
	}
	y := s.state[s.next]
	s.next++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

func (s *Source) refill() {
	for i := range s.state {
		y := s.state[i]&(1<<31) | s.state[(i+1)%length]&(1<<31-1)
		v := s.state[(i+middle)%length] ^ y>>1
		if y&1 != 0 {
			v ^= 0x9908b0df
		}
		s.state[i] = v
	}
	s.next = 0
}

// Float64 draws a number in [0, 1) with 53 random bits.
func (s *Source) Float64() float64 {
	high, low := s.Uint32()>>5, s.Uint32()>>6
	return (float64(high)*(1<<26) + float64(low)) / (1 << 53)
}
