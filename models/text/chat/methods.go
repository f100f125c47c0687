package chat

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nikolalohinski/gonja/v2/builtins"
	"github.com/nikolalohinski/gonja/v2/exec"
)

// stringMethods are the methods of strings that the library has as Python does.
var stringMethods = []string{
	"upper", "lower", "startswith", "endswith", "strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "join",
	"title", "capitalize", "count", "find", "rfind", "index", "rindex", "isdigit", "isalpha", "isalnum", "isspace",
	"isupper", "islower", "isdecimal", "isnumeric", "istitle", "center", "ljust", "rjust", "zfill", "format", "casefold",
	"swapcase", "removeprefix", "removesuffix", "partition", "rpartition", "expandtabs",
}

// methods returns the methods of values: the library's own, but for what it does
// otherwise than Python.
func methods() exec.Methods {
	str := map[string]exec.Method[string]{"replace": replace}
	for _, name := range stringMethods {
		if m, ok := builtins.Methods.Str.Get(name); ok {
			str[name] = m
		}
	}
	dict := map[string]exec.Method[map[string]any]{"items": items}
	for _, name := range []string{"keys", "values", "get"} {
		if m, ok := builtins.Methods.Dict.Get(name); ok {
			dict[name] = m
		}
	}
	all := builtins.Methods
	all.Str, all.Dict = exec.NewMethodSet(str), exec.NewMethodSet(dict)
	return all
}

// replace is the method of strings, whose count may be left out.
func replace(self string, _ *exec.Value, args *exec.VarArgs) (any, error) {
	var from, to string
	var count int
	err := args.Take(
		exec.PositionalArgument("old", nil, exec.StringArgument(&from)),
		exec.PositionalArgument("new", nil, exec.StringArgument(&to)),
		exec.PositionalArgument("count", exec.AsValue(-1), exec.IntArgument(&count)),
	)
	if err != nil {
		return nil, exec.ErrInvalidCall(err)
	}
	return strings.Replace(self, from, to, count), nil
}

// items is the method of dicts, in the order of their fields.
func items(_ map[string]any, self *exec.Value, args *exec.VarArgs) (any, error) {
	if err := args.Take(); err != nil {
		return nil, exec.ErrInvalidCall(err)
	}
	list := []any{}
	for _, pair := range dictPairs(self) {
		list = append(list, []any{pair.Key.Interface(), pair.Value.Interface()})
	}
	return list, nil
}

// Bounds of what loops may count.
const (
	maxRange  = 100_000 // numbers of one range
	maxRanges = 1 << 18 // numbers of all ranges of a rendering
)

// numbers returns the function range. (The library's own counts in a goroutine, which
// stays behind a loop that ends early.)
func numbers() func(*exec.Evaluator, *exec.VarArgs) ([]int, error) {
	left := maxRanges
	return func(_ *exec.Evaluator, args *exec.VarArgs) ([]int, error) {
		start, stop, step, err := rangeBounds(args)
		if err != nil {
			return nil, err
		}
		var list []int
		for i := start; step > 0 && i < stop || step < 0 && i > stop; i += step {
			if left--; len(list) >= maxRange || left < 0 {
				return nil, fmt.Errorf("range: more than %d numbers, or %d in all", maxRange, maxRanges)
			}
			list = append(list, i)
		}
		return list, nil
	}
}

// rangeBounds returns the arguments of range: stop, or start, stop and perhaps a step.
func rangeBounds(args *exec.VarArgs) (start, stop, step int, err error) {
	n := make([]int, len(args.Args))
	for i, arg := range args.Args {
		if !arg.IsInteger() {
			return 0, 0, 0, errors.New("range: want whole numbers")
		}
		n[i] = arg.Integer()
	}
	switch {
	case len(n) == 1:
		return 0, n[0], 1, nil
	case len(n) == 2:
		return n[0], n[1], 1, nil
	case len(n) == 3 && n[2] != 0:
		return n[0], n[1], n[2], nil
	}
	return 0, 0, 0, errors.New("range: want stop, or start, stop and a step that is not 0")
}
