package faceeval

import (
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"github.com/seed6700ada1/infer/models/face"
)

// Labels is a picture and what a detector should find in it.
type Labels struct {
	File  string // path of the picture
	Faces []face.Box
	// Ignore are boxes that are neither faces nor background: a hit on one does
	// not count, for or against.
	Ignore []face.Box
	// Use is what the picture is meant for, such as "train"; "" where the list
	// does not say.
	Use string
}

// ReadDlib reads a list in the XML format of dlib's imglab. Pictures are looked
// for beside it; those that are not there are left out.
func ReadDlib(path string) ([]Labels, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("faceeval: %w", err)
	}
	defer f.Close()
	list, err := parseDlib(f)
	if err != nil {
		return nil, fmt.Errorf("faceeval: %s: %w", path, err)
	}
	var here []Labels
	for _, l := range list {
		l.File = filepath.Join(filepath.Dir(path), filepath.FromSlash(l.File))
		if _, err := os.Stat(l.File); err == nil {
			here = append(here, l)
		}
	}
	return here, nil
}

func parseDlib(r io.Reader) ([]Labels, error) {
	var doc struct {
		Images []struct {
			File  string `xml:"file,attr"`
			Boxes []struct {
				Left   float64 `xml:"left,attr"`
				Top    float64 `xml:"top,attr"`
				Width  float64 `xml:"width,attr"`
				Height float64 `xml:"height,attr"`
				Ignore int     `xml:"ignore,attr"`
			} `xml:"box"`
		} `xml:"images>image"`
	}
	dec := xml.NewDecoder(r)
	dec.CharsetReader = func(charset string, in io.Reader) (io.Reader, error) {
		if !strings.EqualFold(charset, "ISO-8859-1") {
			return nil, fmt.Errorf("encoding %q, want UTF-8 or ISO-8859-1", charset)
		}
		return charmap.ISO8859_1.NewDecoder().Reader(in), nil
	}
	if err := dec.Decode(&doc); err != nil {
		return nil, err
	}
	list := make([]Labels, len(doc.Images))
	for i, im := range doc.Images {
		list[i].File = im.File
		for _, b := range im.Boxes {
			box := face.Box{X1: b.Left, Y1: b.Top, X2: b.Left + b.Width, Y2: b.Top + b.Height}
			if b.Ignore != 0 {
				list[i].Ignore = append(list[i].Ignore, box)
			} else {
				list[i].Faces = append(list[i].Faces, box)
			}
		}
	}
	return list, nil
}
