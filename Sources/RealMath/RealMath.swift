// The one importer of libm: the pure layers above take their real functions from here.
import Glibc

public func exp(_ x: Double) -> Double { Glibc.exp(x) }
/// 10 to the power `x`.
public func exp10(_ x: Double) -> Double { Glibc.pow(10, x) }
/// The natural logarithm.
public func log(_ x: Double) -> Double { Glibc.log(x) }
public func log10(_ x: Double) -> Double { Glibc.log10(x) }
/// `base` to the power `exponent`.
public func pow(_ base: Double, _ exponent: Double) -> Double { Glibc.pow(base, exponent) }
public func sqrt(_ x: Double) -> Double { x.squareRoot() }
/// The sine of an angle in radians; likewise the cosine.
public func sin(_ x: Double) -> Double { Glibc.sin(x) }
public func cos(_ x: Double) -> Double { Glibc.cos(x) }
/// The complementary error function.
public func erfc(_ x: Double) -> Double { Glibc.erfc(x) }
