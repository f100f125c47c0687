package tensor

import "testing"

func TestFromIndices(t *testing.T) {
	values := []int64{1, -2, 3, 4}
	wide, err := FromIndices(Int64, values, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	narrow, err := FromIndices(Int32, values, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	if want := "int32[2,2]"; narrow.String() != want {
		t.Errorf("got %v, expected %s", narrow, want)
	}
	if err := AllClose(Vector(elements[int64](wide)...), Vector(int64(1), -2, 3, 4), 0, 0); err != nil {
		t.Error(err)
	}
	if err := AllClose(Vector(elements[int32](narrow)...), Vector(int32(1), -2, 3, 4), 0, 0); err != nil {
		t.Error(err)
	}
	if _, err := FromIndices(Float32, values, 2, 2); err == nil {
		t.Error("float32 passed, expected an error")
	}
	if _, err := FromIndices(Int32, values, 3); err == nil {
		t.Error("four values passed as three, expected an error")
	}
}
