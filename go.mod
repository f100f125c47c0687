module github.com/seed6700ada1/infer

go 1.26
