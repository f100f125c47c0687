package data_test

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/finetune/data"
	"github.com/seed6700ada1/infer/models/face"
	"github.com/seed6700ada1/infer/models/face/faceeval"
)

func TestSceneLines(t *testing.T) {
	const first = `{"file":"a.jpg","faces":[[1,2,3,4,0.9]],"ignore":[],"use":"train"}` + "\n"
	path := write(t, "labels.jsonl", first+"\n")
	got, err := data.OpenScenes(path, data.Options{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	want := []data.Scene{{Labels: faceeval.Labels{
		File: filepath.Join(filepath.Dir(path), "a.jpg"), Faces: []face.Box{{X1: 1, Y1: 2, X2: 3, Y2: 4}}, Use: "train",
	}}}
	if !reflect.DeepEqual(got.Scenes, want) {
		t.Errorf("got %+v, want %+v", got.Scenes, want)
	}
	for _, bad := range []string{"{", `{"file":"a","faces":[[1,2,3]]}`, `{"file":"a","faces":[[3,2,1,4]]}`, `{"faces":[]}`} {
		_, err := data.OpenScenes(write(t, "labels.jsonl", first+bad), data.Options{Strict: true})
		if err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: error %v, want its line", bad, err)
		}
	}
}
