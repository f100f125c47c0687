package main

import (
	"cmp"
	"fmt"
	"os"
	goruntime "runtime"
	"strings"

	"github.com/seed6700ada1/infer/runtime/kernel/cpu"
)

// host is what the figures depend on besides the code.
type host struct {
	cpu  string // the kind of CPU: the heading of its section
	load string // average over the last minute, before anything ran
}

func readHost() host {
	h := host{cpu: goruntime.GOARCH, load: "unknown"}
	if data, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		h.cpu = cmp.Or(cpuModel(string(data)), h.cpu)
	}
	if data, err := os.ReadFile("/proc/loadavg"); err == nil {
		h.load, _, _ = strings.Cut(string(data), " ")
	}
	h.cpu += ", " + cpu.Level.String()
	return h
}

// cpuModel names the first CPU of /proc/cpuinfo. Virtual machines may give one
// name to several generations, so family and model are part of it.
func cpuModel(info string) string {
	field := map[string]string{}
	for line := range strings.Lines(info) {
		name, value, ok := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); ok && field[name] == "" {
			field[name] = strings.TrimSpace(value)
		}
	}
	name := field["model name"]
	if family := field["cpu family"]; name != "" && family != "" {
		name += fmt.Sprintf(" (family %s, model %s)", family, field["model"])
	}
	return name
}
