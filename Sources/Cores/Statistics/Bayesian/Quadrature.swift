/// Integrals of smooth functions.
enum Quadrature {
    /// By the rule of Gauss and Kronrod with 15 points, halving where it and its seven points of Gauss's differ.
    ///
    /// Source: R. Piessens and others, QUADPACK (1983), the rule qk15.
    /// - Parameters:
    ///   - points: rising; the ends, and between them where the function changes quickly.
    ///   - tolerance: of the whole, absolute.
    static func integral(
        over points: [Double], tolerance: Double = 1e-13, of function: (Double) -> Double
    ) -> Double {
        var waiting = zip(points, points.dropFirst()).map { Piece($0, $1) }
        let length = (points.last ?? 0) - (points.first ?? 0)
        var total = ExactSum()
        var pieces = 0
        while let piece = waiting.popLast() {
            pieces += 1
            let (value, error) = kronrod(piece, function)
            let share = tolerance * max(piece.width / length, 1e-4)
            if error <= share || piece.width <= 4 * piece.middle.ulp || pieces > mostPieces {
                total.add(value)
            } else {
                waiting.append(Piece(piece.low, piece.middle))
                waiting.append(Piece(piece.middle, piece.high))
            }
        }
        return total.value
    }

    private static let mostPieces = 20_000

    private struct Piece {
        let low: Double
        let high: Double

        init(_ low: Double, _ high: Double) {
            self.low = low
            self.high = high
        }

        var middle: Double { low + (high - low) / 2 }
        var width: Double { high - low }
    }

    private static func kronrod(_ piece: Piece, _ function: (Double) -> Double) -> (value: Double, error: Double) {
        let half = piece.width / 2
        let middle = function(piece.middle)
        var kronrod = middle * kronrodWeights[7]
        var gauss = middle * gaussWeights[3]
        for index in 0..<7 {
            let offset = half * nodes[index]
            let pair = function(piece.middle - offset) + function(piece.middle + offset)
            kronrod += pair * kronrodWeights[index]
            if index % 2 == 1 { gauss += pair * gaussWeights[index / 2] }
        }
        return (kronrod * half, abs(kronrod - gauss) * half)
    }

    private static let nodes = [
        0.991455371120812639206854697526329, 0.949107912342758524526189684047851, 0.864864423359769072789712788640926,
        0.741531185599394439863864773280788, 0.586087235467691130294144691258380, 0.405845151377397166906606412076961,
        0.207784955007898467600689403773245,
    ]
    private static let kronrodWeights = [
        0.022935322010529224963732008058970, 0.063092092629978553290700663189204, 0.104790010322250183839876322541518,
        0.140653259715525918745189590510238, 0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
        0.204432940075298892414161999234649, 0.209482141084727828012999174891714,
    ]
    private static let gaussWeights = [
        0.129484966168869693270611432679082, 0.279705391489276667901467771423780, 0.381830050505118944950369775488975,
        0.417959183673469387755102040816327,
    ]
}
